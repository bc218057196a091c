/**
 * Locks of the kernel on files, which end with the process that holds them, however it ends. SQLite takes them for us (it
 * is part of Node): shared and exclusive ones, on all platforms, without a package of native code. Nothing is ever written.
 */
import * as Fs from "node:fs"
import type { LockMode } from "../../services/AttachmentLock.ts"

/** A lock that is held. */
export interface HeldFile {
  /** Lets go; with `remove` the file goes too, which only the holder of an exclusive lock may ask for. */
  readonly release: (options?: { readonly remove?: boolean }) => void
}

/** Whether there is SQLite in this runtime. */
export const isSupported = (): boolean => sqlite() !== undefined

const sqlite = () => process.getBuiltinModule("node:sqlite")

/**
 * Takes the lock of a file, which is made if need be (mode 0600); nothing when somebody else has it, in this process or
 * another. Throws what the file system says.
 */
export const tryLock = (file: string, mode: LockMode): HeldFile | undefined => {
  const before = identify(file) ?? create(file)
  if (before === undefined) return undefined
  const database = new (sqlite().DatabaseSync)(file, { timeout: 0 })
  try {
    database.exec(mode === "exclusive" ? exclusively : "BEGIN; SELECT 1 FROM sqlite_schema")
  } catch (error) {
    database.close()
    // SQLite stumbles over a file that is removed meanwhile.
    if (isBusy(error) || identify(file) !== before) return undefined
    throw error
  }
  // Its last holder may have removed the file before we had the lock: then the lock is worth nothing.
  if (identify(file) !== before) {
    database.close()
    return undefined
  }
  held.add(database)
  return {
    release: ({ remove = false } = {}) => {
      if (remove) Fs.rmSync(file, { force: true })
      held.delete(database)
      database.close()
    }
  }
}

// A database that nobody refers to is closed, and its lock lost.
const held = new Set<object>()

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

/** The processes that hold locks on a file, where the kernel tells. */
export const holdersOf = (file: string): ReadonlyArray<number> => {
  try {
    const { ino } = Fs.statSync(file)
    return Fs.readFileSync("/proc/locks", "latin1").split("\n").flatMap((line) => {
      const [, pid, inode] = /(\d+) [\da-f]+:[\da-f]+:(\d+) \d+ \S+$/.exec(line) ?? []
      return Number(inode) === ino && Number(pid) > 0 && !line.includes("->") ? [Number(pid)] : []
    })
  } catch {
    return []
  }
}
