/** What starting a process takes of the C library, which koffi calls for us. */
import type * as Koffi from "koffi"
import * as Os from "node:os"
import { type Library, type Spawning, spawningOf } from "./libcSpawn.ts"

/** Calls that fail give the errno, negative. */
export interface Libc extends Spawning {
  /** The two ends of a pipe, the reading one first. No process that is started gets them. */
  readonly pipe: () => readonly [number, number] | number
  readonly close: (descriptor: number) => void
  /** What there is to read from a pipe, without waiting for it. */
  readonly look: (descriptor: number) => Readable
  /** Undefined while it runs, null where its end was lost. */
  readonly waitFor: (pid: number) => number | null | undefined
  /** One of our children that have ended and were not waited for yet, also of those of Node; 0 where there is none. */
  readonly anyEnded: () => number
}

/** `isClosed`: no process can write any more. */
export interface Readable {
  readonly hasData: boolean
  readonly isClosed: boolean
}

/** Binds what this process is linked with, be it glibc or musl. Throws where something is missing. */
export const bind = (koffi: typeof Koffi): Libc => {
  const library = koffi.load(null)
  return { ...pipesOf(koffi, library), ...spawningOf(library), ...waitingOf(koffi, library) }
}

const pipesOf = (koffi: typeof Koffi, library: Library): Pick<Libc, "pipe" | "close" | "look"> => {
  const pipe2: (ends: Array<number>, flags: number) => number = library.func("int pipe2(_Out_ int *, int)")
  const close: (descriptor: number) => number = library.func("int close(int)")
  const poll: (polled: Buffer, count: number, timeoutMs: number) => number = library.func(
    "int poll(void *, unsigned long, int)"
  )
  // `struct pollfd`: a descriptor, then what is asked and what has happened, in 16 bits each.
  const polled = Buffer.alloc(8)
  const descriptorOf = new Int32Array(polled.buffer, polled.byteOffset, 1)
  const eventsOf = new Int16Array(polled.buffer, polled.byteOffset + 4, 2)
  return {
    pipe: () => {
      const ends = [0, 0]
      const [read = 0, write = 0] = pipe2(ends, closeOnExec) === 0 ? ends : []
      return write === 0 ? -koffi.errno() : [read, write]
    },
    close,
    look: (descriptor) => {
      descriptorOf[0] = descriptor
      eventsOf[0] = pollIn
      const happened = poll(polled, 1, 0) > 0 ? eventsOf[1] ?? 0 : 0
      return { hasData: (happened & pollIn) !== 0, isClosed: (happened & pollHangUp) !== 0 }
    }
  }
}

const waitingOf = (koffi: typeof Koffi, library: Library): Pick<Libc, "waitFor" | "anyEnded"> => {
  const waitpid: (pid: number, status: Array<number>, options: number) => number = library.func(
    "int waitpid(int, _Out_ int *, int)"
  )
  const waitid: (type: number, id: number, info: Int32Array, options: number) => number = library.func(
    "int waitid(int, int, void *, int)"
  )
  const info = new Int32Array(infoNumbers)
  const infoPid = koffi.sizeof("void *") === 8 ? 4 : 3
  return {
    waitFor: (pid) => {
      const status = [0]
      const found = waitpid(pid, status, noHang)
      if (found === 0 || (found < 0 && koffi.errno() === Os.constants.errno.EINTR)) return undefined
      return found === pid ? status[0] ?? null : null
    },
    anyEnded: () => {
      info[infoPid] = 0
      return waitid(anyChild, 0, info, ended | noHang | noWait) === 0 ? info[infoPid] ?? 0 : 0
    }
  }
}

// `siginfo_t` has 128 bytes: signal, errno and code, a gap where addresses have 64 bits, and then the pid.
const infoNumbers = 32

// glibc and musl have the same.
const closeOnExec = 0o2000000
const noHang = 1
const ended = 4
const noWait = 0x01000000
const anyChild = 0
const pollIn = 1
const pollHangUp = 16
