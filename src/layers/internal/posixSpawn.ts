/** Starts processes by posix_spawn, which does not copy this process: the cost is the same however large it is. */
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import type * as Stream from "node:stream"
import * as Util from "node:util"
import * as Worker from "node:worker_threads"
import { assertRunnable } from "./executableFormat.ts"
import { ignoreErrors, type Launch, type ProcessListener } from "./launch.ts"
import type { Libc } from "./libc.ts"
import * as OutputPipe from "./outputPipe.ts"
import * as Reaper from "./reaper.ts"

/** A way to start processes, by calls of the C library. */
export const make = (libc: Libc): Launch => {
  const waitFor = Reaper.make(libc.waitFor)

  const orThrow = (call: string, result: number): number => {
    if (result >= 0) return result
    const code = Util.getSystemErrorName(result)
    throw Object.assign(new Error(`${call} ${code}`), { code })
  }

  const openPipes = (count: number): ReadonlyArray<readonly [number, number]> => {
    const pipes: Array<readonly [number, number]> = []
    while (pipes.length < count) {
      const pipe = libc.pipe()
      if (typeof pipe === "number") {
        pipes.flat().forEach(libc.close)
        orThrow("pipe2", pipe)
      } else pipes.push(pipe)
    }
    return pipes
  }

  return ({ path, stdin, variables }) => {
    if ([path, ...Object.values(variables)].some((text) => text.includes("\0"))) {
      orThrow("posix_spawn", -Os.constants.errno.EINVAL)
    }
    const [input = none, output = none, errors = none] = openPipes(3)
    for (const ours of [output[0], errors[0]]) libc.dontBlock(ours)
    const pid = libc.spawn(path, variables, [input[0], output[1], errors[1]])
    for (const theirs of [input[0], output[1], errors[1]]) libc.close(theirs)
    if (pid < 0) { for (const ours of [input[1], output[0], errors[0]]) libc.close(ours) }
    if (pid < 0) assertRunnable(path)
    orThrow("posix_spawn", pid)

    const writing = write(input[1], stdin, libc)
    let listener = nobody
    let hasExited = false
    const closed = () => {
      if (hasExited && outputs.every((output) => output.isClosed())) listener.closed()
    }
    // One that closes its outputs has mostly ended.
    const ended = () => waiting.look()
    const outputs = [
      OutputPipe.make(output[0], { received: (chunk) => listener.stdout(chunk), ended, closed }),
      OutputPipe.make(errors[0], { received: (chunk) => listener.stderr(chunk), ended, closed })
    ]
    const follow = () => outputs.forEach((output) => output.follow())
    const following = setTimeout(follow, shortMs)
    const waiting = waitFor(pid, (status) => {
      const { code, signal } = decode(status)
      hasExited = true
      listener.exited(code, signal)
      for (const output of outputs) output.drain()
      closed()
      follow()
    })
    return {
      pid,
      listen: (given) => {
        listener = given
      },
      release: () => {
        clearTimeout(following)
        writing?.destroy()
        for (const output of outputs) output.release()
        waiting.release()
      }
    }
  }
}

// Where no signal says that a process has ended, the end of its output must. Otherwise most plugins do not take as long.
const shortMs = Worker.isMainThread ? 20 : 0

const nobody: ProcessListener = { stdout: () => {}, stderr: () => {}, exited: () => {}, closed: () => {} }

const none = [0, 0] as const

// What surely fits into an empty pipe is written at once: that cannot block.
const write = (descriptor: number, text: string, libc: Libc): Stream.Writable | undefined => {
  const bytes = Buffer.from(text)
  if (bytes.byteLength > smallestPipe) {
    const socket = new Net.Socket({ fd: descriptor, readable: false, writable: true })
    ignoreErrors(socket)
    socket.end(bytes)
    return socket
  }
  try {
    Fs.writeSync(descriptor, bytes)
  } catch {
    // EPIPE: it has closed its input already.
  } finally {
    libc.close(descriptor)
  }
  return undefined
}

const smallestPipe = 4096

const decode = (status: number | null): { readonly code: number | null; readonly signal: string | null } => {
  if (status === null) return { code: null, signal: null }
  const signal = status & 0x7f
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: null }
    : { code: null, signal: signalNames.get(signal) ?? `SIG${signal}` }
}

// Some signals have two names: the first is the usual one.
const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Os.constants.signals).toReversed().map(([name, number]) => [number, name])
)
