/**
 * Our end of a pipe that a process writes to. It is read when the process has ended, which for most takes one call; of one
 * that takes longer, it is read as it comes, by a socket. Sockets leave behind what only a full collection of garbage takes
 * away: with two for each run, a process that runs many grows by a hundred MB.
 */
import * as Fs from "node:fs"
import * as Net from "node:net"
import { ignoreErrors } from "../run/launch.ts"
import type { Libc } from "./libc.ts"

/** A pipe of which only what is there is read. */
export interface OutputPipe {
  /** Whether all who could write have closed it, and everything has been read; or whether it was released. */
  readonly isClosed: () => boolean
  /** Reads what is there. */
  readonly drain: () => void
  /** Reads from now on what comes. */
  readonly follow: () => void
  /** Reads no more. */
  readonly release: () => void
}

/**
 * `received` gets what was written; `ended` and `closed` are called when a pipe that is followed comes to its end. `close`
 * closes a descriptor: Node keeps a list of those that a worker thread opened, and warns where it closes another one.
 */
export interface PipeListener extends Pick<Libc, "close" | "look"> {
  readonly received: (chunk: Buffer) => void
  readonly ended: () => void
  readonly closed: () => void
}

/** The pipe of a descriptor, which belongs to it from now on. */
export const make = (descriptor: number, listener: PipeListener): OutputPipe => {
  const { closed, ended, look, received } = listener
  let isClosed = false
  let socket: Net.Socket | undefined

  const close = () => {
    isClosed = true
    listener.close(descriptor)
  }

  return {
    isClosed: () => isClosed,
    drain: () => {
      if (socket !== undefined) return
      // What was there when the process ended fits into two reads: who goes on writing is somebody else.
      for (let reads = 0; reads < 2; reads++) {
        // Who got the last chunk may have wanted no more.
        if (isClosed) return
        const there = look(descriptor)
        const chunk = there.hasData ? read(descriptor) : nothing
        // All that nobody can add to.
        if (there.isClosed && chunk.byteLength < buffer.byteLength) close()
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

// As much as a pipe holds, and some more.
const buffer = Buffer.allocUnsafeSlow(128 * 1024)

const nothing = Buffer.alloc(0)

// What there is to read is read without waiting; of what cannot be read there is nothing.
const read = (descriptor: number): Buffer => {
  try {
    return Buffer.from(buffer.subarray(0, Fs.readSync(descriptor, buffer)))
  } catch {
    return nothing
  }
}
