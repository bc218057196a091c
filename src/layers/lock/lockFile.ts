/**
 * Locks of the kernel on files, which end with the process that holds them, however it ends. SQLite, which is part of
 * Node, asks the kernel for them. Nothing is ever written.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { codeOf } from "../files/errno.ts"
import { removeUnlessRefused } from "../files/wholeFile.ts"
import { idleHandles } from "./idleHandles.ts"
import { heldRemovedIn } from "./lockHolders.ts"

/** A lock that is held. Its holder calls one of these, once. */
export interface HeldFile {
  /** Lets go, and keeps the file open for the next time. */
  readonly release: () => void
  /** Lets go, and closes the file. */
  readonly close: () => void
  /** Removes the file, if the system allows that, and lets go. Only the holder of an exclusive lock may do it. */
  readonly remove: () => void
}

/** Locks on files, with the handles that are kept open. */
export interface LockFiles {
  /**
   * Takes the lock of a file, which is made if need be (mode 0600). Gives nothing when another runtime has the lock, in
   * this process or another one, also by a file of that name that was removed since. Throws what the file system says.
   */
  readonly tryLock: (file: string, mode: LockMode) => HeldFile | undefined
  /** Closes what is kept open. */
  readonly close: () => void
}

interface Handle {
  readonly file: string
  readonly database: DatabaseSync
  readonly identity: string
}

// The locks of this thread. SQLite closes a database that nothing refers to, and then its lock is lost.
const held = new Set<Handle>()

/** Gives nothing where this runtime has no SQLite. */
export const open = (): LockFiles | undefined => sqlite() === undefined ? undefined : make()

const sqlite = () => process.getBuiltinModule("node:sqlite")

// To open a file and close it again takes six times as long as to lock it.
const make = (): LockFiles => {
  const idle = idleHandles<Handle>(({ database }) => database.close())

  const openFor = (file: string, identity: string): DatabaseSync => {
    const handle = idle.take(file)
    if (handle?.identity === identity) return handle.database
    handle?.database.close()
    return openDatabase(file)
  }

  const release = (handle: Handle) => {
    held.delete(handle)
    handle.database.exec("ROLLBACK")
    idle.keep(handle.file, handle)
  }

  const close = (handle: Handle) => {
    held.delete(handle)
    handle.database.close()
  }

  const remove = (handle: Handle) => {
    removeUnlessRefused(handle.file)
    close(handle)
  }

  const lock = (file: string, mode: LockMode): HeldFile | "busy" | "changed" => {
    const identity = identify(file) ?? create(file)
    if (identity === undefined) return "busy"
    let database: DatabaseSync | undefined
    try {
      database = openFor(file, identity)
      database.exec(mode === "exclusive" ? exclusively : "BEGIN; SELECT 1 FROM sqlite_schema")
    } catch (error) {
      database?.close()
      if (isBusy(error)) return "busy"
      // SQLite stumbles over a file that is removed meanwhile.
      if (identify(file) !== identity) return "changed"
      throw error
    }
    // The lock of a file that was removed, or replaced, before it was locked keeps nobody out.
    if (identify(file) !== identity) {
      database.close()
      return "changed"
    }
    const handle = { file, database, identity }
    held.add(handle)
    return { release: () => release(handle), close: () => close(handle), remove: () => remove(handle) }
  }

  return {
    tryLock: (file, mode) => {
      for (let attempt = 1; attempt <= 3; attempt++) {
        const locked = lock(file, mode)
        if (locked === "busy") return undefined
        if (locked !== "changed") return locked
      }
      return undefined
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

const inodeIn = ({ identity }: Handle): string => identity.split(":")[1] ?? ""

const isRemoved = (handle: Handle): boolean =>
  Fs.statSync(handle.file, { bigint: true, throwIfNoEntry: false })?.ino.toString() !== inodeIn(handle)

/**
 * Whether a process holds the lock of a file of that name which was removed since. To find out takes long, so a directory in
 * which no such lock is held gets a file that says so: a cleaner that removes locks removes that one, too.
 */
const isHeldRemoved = (file: string): boolean => {
  const directory = Path.dirname(file)
  const checked = Path.join(directory, "checked")
  if (Fs.existsSync(checked)) return false
  const own = [...held].filter(isRemoved).map((handle) => handle.file)
  const removed = [...own, ...heldRemovedIn(directory, new Set([...held].map(inodeIn)))]
  if (removed.length === 0) createIfMissing(checked)
  return removed.some((one) => Path.basename(one) === Path.basename(file))
}

const createIfMissing = (file: string): void => {
  try {
    Fs.closeSync(Fs.openSync(file, "wx", 0o600))
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
  }
}

// Not by opening what may be locked: the kernel drops a process's locks on a file when it closes any descriptor of it.
const create = (file: string): string | undefined => {
  if (isHeldRemoved(file)) return undefined
  createIfMissing(file)
  return identify(file)
}

const openDatabase = (file: string): DatabaseSync => {
  // SQLite opens a file that we may not write for reading, and says of one that we may not read only that it cannot.
  Fs.accessSync(file, Fs.constants.R_OK | Fs.constants.W_OK)
  return new (sqlite().DatabaseSync)(file, { timeout: 0 })
}

const isBusy = (error: unknown): boolean => resultOf(error) === busy

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean => lockErrors.has(resultOf(error) ?? 0)

// SQLITE_BUSY; SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK.
const busy = 5
const lockErrors = new Set([2058, 2314, 3594, 3850])

const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined
