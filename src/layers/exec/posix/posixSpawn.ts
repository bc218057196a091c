/** Starts processes by posix_spawn, which does not copy this process: the cost is the same however large it is. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import type * as Stream from "node:stream"
import * as Util from "node:util"
import * as Worker from "node:worker_threads"
import { assertRunnable } from "../run/executableFormat.ts"
import {
  ignoreErrors,
  isCut,
  type Launch,
  type Launched,
  type ProcessListener,
  type Refusal,
  refusalOf
} from "../run/launch.ts"
import type { Descriptors, Libc } from "./libc.ts"
import * as OutputPipe from "./outputPipe.ts"
import * as Reaper from "./reaper.ts"

/**
 * A way to start processes, by calls of the C library. One that is alone is started here and now; of several at a time,
 * others can go on in the meantime.
 */
export const make = (libc: Libc): Launch => {
  const { signals, waitFor } = Reaper.make(libc.waitFor, libc.anyEnded)
  let running = 0
  let starting = 0

  const openPipes = (): ReadonlyArray<Pipe> | number => {
    const pipes: Array<Pipe> = []
    while (pipes.length < 3) {
      const pipe = libc.pipe()
      if (typeof pipe === "number") {
        pipes.flat().forEach(libc.close)
        return pipe
      }
      pipes.push(pipe)
    }
    return pipes
  }

  const supervisable = (
    pid: number,
    writing: Stream.Writable | undefined,
    [output, errors]: readonly [number, number],
    mayHaveEnded: boolean
  ): Launched => {
    let listener = nobody
    let hasExited = false
    const isClosed = () => outputs.every((one) => one.isClosed())
    const closed = () => {
      if (hasExited && isClosed()) listener.closed()
    }
    // One that closes its outputs has mostly ended.
    const ended = () => waiting.look()
    const { close, look } = libc
    const outputs = [
      OutputPipe.make(output, { received: (chunk) => listener.stdout(chunk), ended, closed, close, look }),
      OutputPipe.make(errors, { received: (chunk) => listener.stderr(chunk), ended, closed, close, look })
    ]
    const follow = () => outputs.forEach((one) => one.follow())
    const drain = () => {
      for (const one of outputs) one.drain()
      closed()
      if (isClosed()) return
      // A process that is just being started has what we have open, for a moment.
      if (starting > 0) later(drain)
      else follow()
    }
    const timers = new Set<NodeJS.Timeout>()
    const later = (action: () => void) => timers.add(setTimeout(action, 1))
    timers.add(setTimeout(follow, shortMs))
    running++
    const waiting = waitFor(pid, (status) => {
      const { code, coreDumped, signal } = decode(status)
      running--
      hasExited = true
      listener.exited(code, signal, coreDumped)
      drain()
      if (!isClosed()) listener.draining()
    })
    if (mayHaveEnded) setImmediate(waiting.look)
    return {
      pid,
      listen: (given) => {
        listener = given
      },
      release: () => {
        for (const timer of timers) clearTimeout(timer)
        writing?.destroy()
        for (const one of outputs) one.release()
        waiting.release()
      }
    }
  }

  return (program) =>
    Effect.callback((resume) => {
      const { path, stdin, variables } = program
      const refuse = (error: number) => resume(Effect.fail(refusalFrom(error, path)))
      const pipes = isCut(program) ? -Os.constants.errno.EINVAL : openPipes()
      if (typeof pipes === "number") return refuse(pipes)
      const [input = none, output = none, errors = none] = pipes
      const theirs: Descriptors = [input[0], output[1], errors[1]]
      // What surely fits into an empty pipe is written at once: that cannot block.
      const text = Buffer.from(stdin)
      const isSmall = text.byteLength <= smallestPipe
      if (isSmall) Fs.writeSync(input[1], text)
      const spawned = (pid: number, mayHaveEnded: boolean) => {
        theirs.forEach(libc.close)
        if (isSmall || pid < 0) libc.close(input[1])
        if (pid < 0) {
          libc.close(output[0])
          libc.close(errors[0])
          return refuse(pid)
        }
        resume(
          Effect.succeed(
            supervisable(pid, isSmall ? undefined : writing(input[1], text), [output[0], errors[0]], mayHaveEnded)
          )
        )
      }
      if (running + starting === 0) return spawned(libc.spawn(path, variables, theirs), false)
      starting++
      const before = signals()
      libc.spawnAside(path, variables, theirs, (pid) => {
        starting--
        // Before anybody waited for it.
        spawned(pid, signals() !== before)
      })
    })
}

type Pipe = readonly [read: number, write: number]

// The kernel says in a number what we can say in words.
const refusalFrom = (error: number, path: string): Refusal => {
  const errno = Util.getSystemErrorName(error)
  try {
    assertRunnable(path)
    return { code: errno, errno, detail: `posix_spawn ${errno}` }
  } catch (issue) {
    return { ...refusalOf(issue), errno }
  }
}

// Where no signal says that a process has ended, the end of its output must. Otherwise most plugins do not take as long.
const shortMs = Worker.isMainThread ? 20 : 0

const nobody: ProcessListener = {
  stdout: () => {},
  stderr: () => {},
  exited: () => {},
  draining: () => {},
  closed: () => {}
}

const none: Pipe = [0, 0]

const writing = (descriptor: number, text: Buffer): Stream.Writable => {
  const socket = new Net.Socket({ fd: descriptor, readable: false, writable: true })
  ignoreErrors(socket)
  socket.end(text)
  return socket
}

const smallestPipe = 4096

interface End {
  readonly code: number | null
  readonly signal: string | null
  readonly coreDumped: boolean
}

const decode = (status: number | null): End => {
  if (status === null) return { code: null, signal: null, coreDumped: false }
  const signal = status & 0x7f
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: null, coreDumped: false }
    : { code: null, signal: signalNames.get(signal) ?? `SIG${signal}`, coreDumped: (status & 0x80) !== 0 }
}

// Some signals have two names: the first is the usual one.
const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Os.constants.signals).toReversed().map(([name, number]) => [number, name])
)
