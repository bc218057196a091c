/** Locks on files that SQLite takes for us, which is part of Node: on all platforms, without a package of native code. */
import * as Fs from "node:fs"
import type { DatabaseSync } from "node:sqlite"
import { idleHandles } from "./idleHandles.ts"
import type { LockFiles } from "./lockFile.ts"
import { removeUnlessRefused } from "./wholeFile.ts"

/** Whether there is SQLite in this runtime. */
export const isSupported = (): boolean => sqlite() !== undefined

const sqlite = () => process.getBuiltinModule("node:sqlite")

interface Handle {
  readonly database: DatabaseSync
  readonly identity: string
}

/** To open a file and close it again takes six times as long as to lock it. */
export const make = (): LockFiles => {
  const idle = idleHandles<Handle>(({ database }) => database.close())
  // A database that nobody refers to is closed, and its lock lost.
  const held = new Set<Handle>()

  const take = (file: string): Handle | undefined => {
    const handle = idle.take(file)
    const identity = identify(file)
    if (handle !== undefined && handle.identity === identity) return handle
    handle?.database.close()
    const created = identity ?? create(file)
    if (created === undefined) return undefined
    return { database: new (sqlite().DatabaseSync)(file, { timeout: 0 }), identity: created }
  }

  return {
    tryLock: (file, mode) => {
      const handle = take(file)
      if (handle === undefined) return undefined
      const { database, identity } = handle
      try {
        database.exec(mode === "exclusive" ? exclusively : "BEGIN; SELECT 1 FROM sqlite_schema")
      } catch (error) {
        database.close()
        // SQLite stumbles over a file that is removed meanwhile.
        if (isBusy(error) || identify(file) !== identity) return undefined
        throw error
      }
      // Its last holder may have removed the file before we had the lock: then the lock is worth nothing.
      if (identify(file) !== identity) {
        database.close()
        return undefined
      }
      held.add(handle)
      return {
        release: (afterwards) => {
          if (afterwards === "reuse" || afterwards === "remove") removeUnlessRefused(file)
          held.delete(handle)
          if (afterwards !== "keep open") return database.close()
          database.exec("ROLLBACK")
          idle.keep(file, handle)
        }
      }
    },
    close: idle.close
  }
}

// With its journal on disk, SQLite would write there that it is about to make a database of the empty file.
const exclusively = "PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"

const identify = (file: string): string | undefined => {
  const stat = Fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}:${stat.ctimeNs}`
}

// Not by opening what may be locked: the kernel drops a process's locks on a file when it closes any descriptor of it.
const create = (file: string): string | undefined => {
  try {
    Fs.closeSync(Fs.openSync(file, "wx", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
  return identify(file)
}

const isBusy = (error: unknown): boolean => resultOf(error) === busy

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean => lockErrors.has(resultOf(error) ?? 0)

// SQLITE_BUSY; SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK.
const busy = 5
const lockErrors = new Set([2058, 2314, 3594, 3850])

const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined
