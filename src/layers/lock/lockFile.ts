/**
 * Locks of the kernel on files, which end with the process that holds them, however it ends. SQLite, which is part of
 * Node, asks the kernel for them. Nothing is ever written.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { codeOf, orElse } from "../../domain/errors/SystemError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { type FileIdentity, identify, isSameFile, withFile } from "../files/openFile.ts"
import { identifyRegular } from "../files/readRegularFile.ts"
import { removeUnlessRefused } from "../files/writeWholeFile.ts"

/** A lock that is held. Its holder calls one of these, once. */
export interface HeldFile {
  /** Lets go. */
  readonly release: () => void
  /** Removes the file, if the system allows that, and lets go. Only the holder of an exclusive lock may do it. */
  readonly remove: () => void
}

/**
 * Takes the lock of a file, which is made if need be (mode 0600). Gives nothing when another runtime has the lock, in
 * this process or another one, also by a file of that name that was removed since. Throws what the file system says.
 */
export type TryLock = (file: string, mode: LockMode) => HeldFile | undefined

/** Nothing where this runtime has no SQLite. */
export const available = (): TryLock | undefined => sqlite() === undefined ? undefined : tryLock

const sqlite = () => process.getBuiltinModule("node:sqlite")

const tryLock: TryLock = (file, mode) => {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const locked = lock(file, mode)
    if (locked === "busy") return undefined
    if (locked !== "changed") return locked
  }
  return undefined
}

const lock = (file: string, mode: LockMode): HeldFile | "busy" | "changed" => {
  const identity = identifyRegular(file) ?? create(file)
  if (identity === undefined) return "busy"
  let database: DatabaseSync | undefined
  try {
    database = openDatabase(file)
    database.exec(mode === "exclusive" ? exclusively : "BEGIN; SELECT 1 FROM sqlite_schema")
  } catch (error) {
    database?.close()
    if (resultOf(error) === busy) return "busy"
    // SQLite stumbles over a file that is removed meanwhile.
    if (!isSameFile(identify(file), identity)) return "changed"
    throw error
  }
  // The lock of a file that was removed, or replaced, before it was locked excludes no process.
  if (isSameFile(identify(file), identity)) return hold({ file, database, identity })
  database.close()
  return "changed"
}

// With its journal on disk, SQLite would write there that it is about to make a database of the empty file.
const exclusively = "PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"

interface Handle {
  readonly file: string
  readonly database: DatabaseSync
  readonly identity: FileIdentity
}

// The locks of this thread. SQLite closes a database that nothing refers to, and then its lock is lost.
const held = new Set<Handle>()

const hold = (handle: Handle): HeldFile => {
  held.add(handle)
  const release = () => {
    held.delete(handle)
    handle.database.close()
  }
  return {
    release,
    remove: () => {
      removeUnlessRefused(handle.file)
      release()
    }
  }
}

const openDatabase = (file: string): DatabaseSync => {
  // SQLite opens a file that we may not write for reading, and says of one that we may not read only that it cannot.
  Fs.accessSync(file, Fs.constants.R_OK | Fs.constants.W_OK)
  return new (sqlite().DatabaseSync)(file, { timeout: 0 })
}

// Not by opening what may be locked: the kernel drops a process's locks on a file when it closes any descriptor of it.
const create = (file: string): FileIdentity | undefined => {
  if (isHeldRemoved(file)) return undefined
  createIfMissing(file)
  return identify(file)
}

const createIfMissing = (file: string): void => {
  try {
    withFile(file, "wx", () => {}, 0o600)
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
  }
}

/**
 * Whether a process holds the lock of a file of that name which was removed since. To find out takes long, so a directory in
 * which no such lock is held gets a file that says so: a cleaner that removes locks removes that one, too.
 */
const isHeldRemoved = (file: string): boolean => {
  const directory = Path.dirname(file)
  const checked = Path.join(directory, "checked")
  if (Fs.existsSync(checked)) return false
  const own = [...held].filter(isRemoved).map((handle) => handle.file)
  const removed = [...own, ...heldRemovedIn(directory, new Set([...held].map(({ identity }) => identity.inode)))]
  if (removed.length === 0) createIfMissing(checked)
  return removed.some((one) => Path.basename(one) === Path.basename(file))
}

const isRemoved = ({ file, identity }: Handle): boolean => !isSameFile(identify(file), identity)

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean => lockErrors.has(resultOf(error) ?? 0)

// SQLITE_BUSY; SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK.
const busy = 5
const lockErrors = new Set([2058, 2314, 3594, 3850])

const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined

/** The pids of the processes that hold locks on a file: for messages, because it may have changed by now. */
export const holdersOf = (file: string): ReadonlyArray<number> => {
  const inode = identify(file)?.inode
  return [...new Set(locks().flatMap((lock) => lock.inode === inode ? [lock.pid] : []))]
}

/**
 * The files of a directory that processes have locked and that were removed since, as a cleaner does. As long as one is
 * locked, a new file of its name must not be made: another process could lock that one. `heldHere` has the inodes of what
 * this thread has locked, and is not looked for. The kernel takes some 10 ms to list its locks.
 */
const heldRemovedIn = (directory: string, heldHere: ReadonlySet<string>): ReadonlyArray<string> => {
  const there = new Set(namesIn(directory).map((name) => identify(Path.join(directory, name))?.inode))
  const removed = locks().filter(({ inode, pid }) => (pid !== process.pid || !heldHere.has(inode)) && !there.has(inode))
  if (removed.length === 0) return []
  const place = orElse(directory, () => Fs.realpathSync(directory)) + Path.sep
  return removed.flatMap(pathsOf).filter((path) => path.startsWith(place))
}

interface Lock {
  readonly pid: number
  readonly inode: string
}

// A file that was removed has the path that it had. Files of two file systems can have one inode number.
const pathsOf = ({ inode, pid }: Lock): ReadonlyArray<string> => {
  const directory = `/proc/${pid}/fd`
  return namesIn(directory).flatMap((name) => {
    const link = orElse("", () => Fs.readlinkSync(`${directory}/${name}`))
    const isFile = link.startsWith("/") && identify(`${directory}/${name}`)?.inode === inode
    return isFile ? [link.replace(/ \(deleted\)$/, "")] : []
  })
}

// Those that the kernel has of processes, on the bytes that SQLite locks.
const locks = (): ReadonlyArray<Lock> =>
  orElse<ReadonlyArray<Lock>>(
    [],
    () =>
      [...Fs.readFileSync("/proc/locks", "latin1").matchAll(processLocks)].map(([, pid, inode = ""]) => ({
        pid: Number(pid),
        inode
      }))
  )

const processLocks = /^\d+: POSIX +\S+ +\S+ +([1-9]\d*) [\da-f]+:[\da-f]+:(\d+) 107374182[4-6] \d+$/gm

// What has ended meanwhile, and what is another user's, has nothing to tell.
const namesIn = (directory: string) => orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory))
