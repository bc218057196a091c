/**
 * Locks on files by the C library: those of an open file, which end when the last process that has it open closes it. They
 * are on the bytes that SQLite locks, so that each respects the locks of the other.
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Util from "node:util"
import type { LockMode } from "../../services/AttachmentLock.ts"
import { codeOf } from "./errno.ts"
import { idleHandles } from "./idleHandles.ts"
import type { Koffi } from "./koffi.ts"
import type { LockFiles } from "./lockFile.ts"
import { spareFiles } from "./spareFiles.ts"
import { removeUnlessRefused } from "./wholeFile.ts"

/** Whether this kernel has such locks, and the C library the layout of them that is used here. */
export const isSupported = (koffi: Koffi): boolean => {
  if (koffi.sizeof("void *") !== 8) return false
  try {
    const descriptor = Fs.openSync("/dev/null", "r")
    try {
      return bind(koffi)(descriptor, get, lockOf(read, sharedBytes)) === 0
    } finally {
      Fs.closeSync(descriptor)
    }
  } catch {
    return false
  }
}

/** A file that is open, and which one it is. */
interface Handle {
  readonly descriptor: number
  readonly dev: bigint
  readonly ino: bigint
}

/**
 * What is kept open is opened anew where another file has its name by now. A spare file stays locked, so that nobody has it
 * when it gets the next name.
 */
export const make = (koffi: Koffi): LockFiles => {
  const fcntl = bind(koffi)

  // Its last holder may have removed the file before we had the lock: then the lock is worth nothing.
  const isLocked = (handle: Handle, file: string, mode: LockMode): boolean => {
    if (fcntl(handle.descriptor, set, mode === "exclusive" ? exclusive : shared) === 0) return isAt(handle, file)
    const error = koffi.errno()
    if (busy.has(error)) return false
    throw refused(error, file)
  }

  // A process that is just being started has what we have open, for a moment.
  const unlock = ({ descriptor }: Handle) => fcntl(descriptor, set, none)

  const close = (handle: Handle) => {
    unlock(handle)
    Fs.closeSync(handle.descriptor)
  }

  const idle = idleHandles(close)
  const spares = spareFiles(close)

  // One that is not to be had is closed.
  const locked = (handle: Handle | undefined, file: string, mode: LockMode): Handle | undefined => {
    if (handle === undefined) return undefined
    let isHeld = false
    try {
      isHeld = isLocked(handle, file, mode)
      return isHeld ? handle : undefined
    } finally {
      if (!isHeld) close(handle)
    }
  }

  return {
    tryLock: (file, mode) => {
      // Somebody may have put another file in the place of what we have.
      const handle = locked(idle.take(file), file, mode) ??
        locked(mode === "exclusive" ? spares.take(file) : undefined, file, mode) ??
        locked(opened(file), file, mode)
      if (handle === undefined) return undefined
      return {
        release: (afterwards) => {
          const goes = (afterwards === "reuse" || afterwards === "remove") && isSurelyAt(handle, file)
          if (goes && afterwards === "reuse" && spares.keep(file, handle)) return
          if (goes) removeUnlessRefused(file)
          if (afterwards === "keep open" && unlock(handle) === 0) idle.keep(file, handle)
          else close(handle)
        }
      }
    },
    close: () => {
      idle.close()
      spares.close()
    }
  }
}

const opened = (file: string): Handle => {
  const { O_CREAT, O_NOFOLLOW, O_RDWR } = Fs.constants
  const descriptor = Fs.openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    const { dev, ino } = Fs.fstatSync(descriptor, { bigint: true })
    return { descriptor, dev, ino }
  } catch (error) {
    Fs.closeSync(descriptor)
    throw error
  }
}

const bind = (koffi: Koffi) => {
  const fcntl: (descriptor: number, command: number, type: "void *", lock: Buffer) => number = koffi.load(null).func(
    "int fcntl(int, int, ...)"
  )
  return (descriptor: number, command: number, lock: Buffer): number => fcntl(descriptor, command, "void *", lock)
}

const isAt = ({ dev, ino }: Handle, file: string): boolean => {
  const there = Fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  return there !== undefined && there.ino === ino && there.dev === dev
}

// What cannot be looked at is let go of all the same.
const isSurelyAt = (handle: Handle, file: string): boolean => {
  try {
    return isAt(handle, file)
  } catch {
    return false
  }
}

const busy = new Set([Os.constants.errno.EAGAIN, Os.constants.errno.EACCES])

const refused = (error: number, path: string): Error => {
  const code = error === 0 ? "EIO" : Util.getSystemErrorName(-error)
  return Object.assign(new Error(`${code}: fcntl, lock '${path}'`), { code, path, syscall: "fcntl" })
}

/** Whether an error says that there are no locks on this file system. */
export const isWithoutLocks = (error: unknown): boolean =>
  error instanceof Error && "syscall" in error && error.syscall === "fcntl" && withoutLocks.has(codeOf(error))

const withoutLocks = new Set(["ENOLCK", "EINVAL", "ENOSYS", "EOPNOTSUPP"])

// `struct flock` on all Linux systems of 64 bits: type, whence (of the start), from, length, and a pid that is not used.
const lockOf = (type: number, [start, length]: readonly [number, number]): Buffer => {
  const lock = Buffer.alloc(32)
  new Int16Array(lock.buffer, lock.byteOffset, 1)[0] = type
  new BigInt64Array(lock.buffer, lock.byteOffset + 8, 2).set([BigInt(start), BigInt(length)])
  return lock
}

// Of SQLite, the byte of who waits to be alone, that of who is about to, and those of who reads.
const firstByte = 0x40000000
const allBytes = [firstByte, 512] as const
const sharedBytes = [firstByte + 2, 510] as const

// F_RDLCK, F_WRLCK and F_UNLCK; F_OFD_GETLK and F_OFD_SETLK.
const [read, write, unlock] = [0, 1, 2] as const
const get = 36
const set = 37

const shared = lockOf(read, sharedBytes)
const exclusive = lockOf(write, allBytes)
const none = lockOf(unlock, allBytes)
