/**
 * Our ends of the pipes that a process writes to. They are read when the process has ended, which for most takes one call; of
 * a process that takes longer, they are read as the output comes, by a socket. Sockets leave behind what only a full
 * collection of garbage takes away: with two for each run, a process that runs many grows by a hundred MB.
 */
import * as Fs from "node:fs"
import * as Net from "node:net"
import { orElse } from "../../../domain/errors/SystemError.ts"
import { ignoreErrors } from "../child/spawn.ts"
import type { Libc } from "./libc.ts"

/** A pipe, or several of them, of which only what is there is read. */
export interface OutputPipe {
  /** Whether all that could write have closed it, and everything has been read; or whether it was released. */
  readonly isClosed: () => boolean
  /** Reads what is there. */
  readonly drain: () => void
  /** Reads from now on what comes. */
  readonly follow: () => void
  /** Reads no more. */
  readonly release: () => void
}

/** Called when a pipe that is followed comes to its end. */
export interface EndListener {
  readonly ended: () => void
  readonly closed: () => void
}

/** What gets the output of a process. */
export interface Readers {
  readonly stdout: (chunk: Buffer) => void
  readonly stderr: (chunk: Buffer) => void
}

/** The pipes of stdout and stderr as one, closed when both are. The descriptors belong to it from now on. */
export const make = (
  libc: Closing,
  [stdout, stderr]: readonly [number, number],
  readers: Readers,
  listener: EndListener
): OutputPipe => {
  const pipes = [
    pipeOf(libc, stdout, readers.stdout, listener),
    pipeOf(libc, stderr, readers.stderr, listener)
  ]
  return {
    isClosed: () => pipes.every((pipe) => pipe.isClosed()),
    drain: () => pipes.forEach((pipe) => pipe.drain()),
    follow: () => pipes.forEach((pipe) => pipe.follow()),
    release: () => pipes.forEach((pipe) => pipe.release())
  }
}

// Node keeps a list of the descriptors that a worker thread opened, and warns where it closes another one.
type Closing = Pick<Libc, "close" | "look">

const pipeOf = (
  libc: Closing,
  descriptor: number,
  received: (chunk: Buffer) => void,
  { closed, ended }: EndListener
): OutputPipe => {
  let isClosed = false
  let socket: Net.Socket | undefined
  const close = () => {
    isClosed = true
    libc.close(descriptor)
  }
  return {
    isClosed: () => isClosed,
    drain: () => {
      // What was there when the process ended fits into two reads: what goes on writing is another process.
      for (let reads = 0; reads < 2; reads++) {
        // What got the first chunk may have released the pipe.
        if (isClosed || socket !== undefined) return
        const { chunk, isLast } = readFrom(descriptor, libc)
        if (isLast) close()
        if (chunk.byteLength === 0) return
        received(chunk)
      }
    },
    follow: () => {
      if (isClosed || socket !== undefined) return
      socket = new Net.Socket({ fd: descriptor, readable: true, writable: false })
      ignoreErrors(socket)
      socket.on("data", received).once("end", ended).once("close", () => {
        isClosed = true
        closed()
      })
    },
    release: () => {
      if (socket !== undefined) socket.destroy()
      else if (!isClosed) close()
    }
  }
}

const readFrom = (descriptor: number, { look }: Closing): { readonly chunk: Buffer; readonly isLast: boolean } => {
  const there = look(descriptor)
  const chunk = there.hasData ? read(descriptor) : nothing
  // All that no process can add to.
  return { chunk, isLast: there.isClosed && chunk.byteLength < buffer.byteLength }
}

// As much as a pipe holds, and some more.
const buffer = Buffer.allocUnsafeSlow(128 * 1024)

const nothing = Buffer.alloc(0)

// What there is to read is read without waiting; of what cannot be read there is nothing.
const read = (descriptor: number): Buffer =>
  orElse(nothing, () => Buffer.from(buffer.subarray(0, Fs.readSync(descriptor, buffer))))
