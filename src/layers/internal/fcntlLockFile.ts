/**
 * Locks on files by the C library: those of an open file, which end when the last process that has it open closes it. They
 * are on the bytes that SQLite locks, so that each respects the locks of the other.
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Util from "node:util"
import type { LockMode } from "../../services/AttachmentLock.ts"
import { codeOf } from "./ioError.ts"
import type { Koffi } from "./koffi.ts"
import type { LockFiles } from "./lockFile.ts"
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

/** Nothing is kept open: to open a file costs as little as to find out whether it still is the same. */
export const make = (koffi: Koffi): LockFiles => {
  const fcntl = bind(koffi)

  // Its last holder may have removed the file before we had the lock: then the lock is worth nothing.
  const isLocked = (descriptor: number, file: string, mode: LockMode): boolean => {
    if (fcntl(descriptor, set, mode === "exclusive" ? exclusive : shared) === 0) return isSame(descriptor, file)
    const error = koffi.errno()
    if (busy.has(error)) return false
    throw refused(error, file)
  }

  const release = (descriptor: number) => {
    // A process that is just being started has what we have open, for a moment.
    fcntl(descriptor, set, none)
    Fs.closeSync(descriptor)
  }

  return {
    tryLock: (file, mode) => {
      const { O_CREAT, O_NOFOLLOW, O_RDWR } = Fs.constants
      const descriptor = Fs.openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
      let isHeld = false
      try {
        isHeld = isLocked(descriptor, file, mode)
      } finally {
        if (!isHeld) release(descriptor)
      }
      if (!isHeld) return undefined
      return {
        release: (afterwards) => {
          if (afterwards === "remove") removeUnlessRefused(file)
          release(descriptor)
        }
      }
    },
    close: () => {}
  }
}

const bind = (koffi: Koffi) => {
  const fcntl: (descriptor: number, command: number, type: "void *", lock: Buffer) => number = koffi.load(null).func(
    "int fcntl(int, int, ...)"
  )
  return (descriptor: number, command: number, lock: Buffer): number => fcntl(descriptor, command, "void *", lock)
}

const isSame = (descriptor: number, file: string): boolean => {
  const ours = Fs.fstatSync(descriptor, { bigint: true })
  const there = Fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  return there !== undefined && ours.ino === there.ino && ours.dev === there.dev
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
