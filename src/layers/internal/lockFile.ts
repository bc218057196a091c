/** Locks of the kernel on files, which end with the process that holds them, however it ends. Nothing is ever written. */
import type { LockMode } from "../../services/AttachmentLock.ts"
import * as Fcntl from "./fcntlLockFile.ts"
import * as Koffi from "./koffi.ts"
import * as Sqlite from "./sqliteLockFile.ts"

/**
 * What becomes of the file and of its open handle: `keep open` is for the next one who wants that lock, `reuse` for who
 * wants another one; `reuse` and `remove` leave no file of that name, where it can be removed.
 */
export type Afterwards = "close" | "keep open" | "reuse" | "remove"

/** A lock that is held. */
export interface HeldFile {
  /** Lets go; only the holder of an exclusive lock may remove the file. */
  readonly release: (afterwards: Afterwards) => void
}

/** Locks on files, with the handles that are kept open. */
export interface LockFiles {
  /**
   * Takes the lock of a file, which is made if need be (mode 0600); nothing when somebody else has it, in this process or
   * another. Throws what the file system says.
   */
  readonly tryLock: (file: string, mode: LockMode) => HeldFile | undefined
  /** Closes what is kept open, and removes what is kept for other locks. */
  readonly close: () => void
}

/** Who asks the kernel for us. Both take the same locks, so that a process with one of them knows those of the other. */
export type LockedBy = "sqlite" | "fcntl"

/**
 * By default with the C library where koffi is installed and works, since that takes a fifth of the time, else with SQLite,
 * which is part of Node. So all threads of a process lock in the same way: where one of them closes a file, another one
 * would lose what SQLite has locked. Undefined where there is neither.
 */
export const open = async (by: LockedBy = "fcntl"): Promise<LockFiles | undefined> => {
  const koffi = by === "fcntl" && process.platform === "linux" ? await Koffi.load().catch(() => undefined) : undefined
  if (koffi !== undefined && Fcntl.isSupported(koffi)) return Fcntl.make(koffi)
  return Sqlite.isSupported() ? Sqlite.make() : undefined
}

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean => Fcntl.isWithoutLocks(error) || Sqlite.isWithoutLocks(error)
