/** Locks of the kernel on files, which end with the process that holds them, however it ends. Nothing is ever written. */
import type { LockMode } from "../../services/AttachmentLock.ts"
import * as Fcntl from "./fcntlLockFile.ts"
import { codeOf } from "./ioError.ts"
import * as Koffi from "./koffi.ts"
import * as Sqlite from "./sqliteLockFile.ts"

/** What becomes of the file and of its open handle: it can be kept for the next one who wants that lock. */
export type Afterwards = "close" | "keep open" | "remove"

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
  /** Closes what is kept open. */
  readonly close: () => void
}

/** Who asks the kernel for us. Both take the same locks, so that a process with one of them knows those of the other. */
export type LockedBy = "sqlite" | "fcntl"

/** Whether there is a way to lock in this runtime. */
export const isSupported = (): boolean => Sqlite.isSupported()

/**
 * By default with the C library where koffi has been loaded by the time of the first lock of this process, since that
 * takes a fifth of the time, else with SQLite, which is part of Node.
 */
export const make = (by?: LockedBy): LockFiles => {
  let made: LockFiles | undefined
  const files = () => made ??= makeBy(by ?? (chosen ??= choose()))
  return {
    tryLock: (file, mode) => files().tryLock(file, mode),
    close: () => made?.close()
  }
}

// One for the whole process: where the one closes a file, the other would lose its locks on it.
let chosen: LockedBy | undefined

const choose = (): LockedBy => Fcntl.isSupported(Koffi.ifLoaded()) ? "fcntl" : "sqlite"

const makeBy = (by: LockedBy): LockFiles => {
  const koffi = Koffi.ifLoaded()
  return by === "fcntl" && Fcntl.isSupported(koffi) ? Fcntl.make(koffi) : Sqlite.make()
}

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean =>
  withoutLocks.has(codeOf(error)) || Sqlite.isWithoutLocks(error)

const withoutLocks = new Set(["ENOLCK", "EINVAL", "ENOSYS", "EOPNOTSUPP"])
