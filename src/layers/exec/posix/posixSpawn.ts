/** Starts processes by posix_spawn, which does not copy this process: the cost is the same however large it is. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import type * as Stream from "node:stream"
import * as Util from "node:util"
import * as Worker from "node:worker_threads"
import { assertRunnable } from "../child/executableFormat.ts"
import {
  type ChildHandle,
  type ChildListener,
  ignoreErrors,
  isCut,
  type Refusal,
  refusalOf,
  type Spawn,
  type SpawnRequest
} from "../child/spawn.ts"
import type { Descriptors, Libc } from "./libc.ts"
import * as OutputPipe from "./outputPipe.ts"
import * as Reaper from "./reaper.ts"

/**
 * A way to start processes, by calls of the C library. One that is alone is started here and now; of several at a time,
 * others can go on in the meantime.
 */
export const make = (libc: Libc): Spawn => {
  const system: System = { libc, waitFor: Reaper.make(libc.waitFor, libc.anyEnded), running: 0, starting: 0 }
  return (request) =>
    Effect.callback((resume) => {
      const pipes = isCut(request) ? -Os.constants.errno.EINVAL : openPipes(libc)
      if (typeof pipes === "number") resume(Effect.fail(refusalFrom(pipes, request.path)))
      else start(system, request, pipes, resume)
    })
}

/** The C library, and how many processes are running and being started by it. */
interface System {
  readonly libc: Libc
  readonly waitFor: Reaper.WaitFor
  running: number
  starting: number
}

type Pipe = readonly [read: number, write: number]

/** Of stdin, stdout and stderr. */
type Pipes = readonly [Pipe, Pipe, Pipe]

const openPipes = ({ close, pipe }: Libc): Pipes | number => {
  const [input, output, errors] = [pipe(), pipe(), pipe()]
  if (typeof input !== "number" && typeof output !== "number" && typeof errors !== "number") {
    return [input, output, errors]
  }
  let refusal = 0
  for (const pipe of [input, output, errors]) {
    if (typeof pipe === "number") refusal = pipe
    else pipe.forEach(close)
  }
  return refusal
}

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

const start = (
  system: System,
  { path, stdin, variables }: SpawnRequest,
  [input, output, errors]: Pipes,
  resume: (started: Effect.Effect<ChildHandle, Refusal>) => void
) => {
  const { libc } = system
  const theirs: Descriptors = [input[0], output[1], errors[1]]
  // What surely fits into an empty pipe is written at once: that cannot block.
  const text = Buffer.from(stdin)
  const isSmall = text.byteLength <= smallestPipe
  if (isSmall) Fs.writeSync(input[1], text)
  const spawned = (pid: number) => {
    theirs.forEach(libc.close)
    if (isSmall || pid < 0) libc.close(input[1])
    if (pid < 0) {
      ;[output[0], errors[0]].forEach(libc.close)
      return resume(Effect.fail(refusalFrom(pid, path)))
    }
    const writing = isSmall ? undefined : write(input[1], text)
    resume(Effect.succeed(handleOf(system, pid, writing, [output[0], errors[0]])))
  }
  if (system.running + system.starting === 0) return spawned(libc.spawn(path, variables, theirs))
  system.starting++
  libc.spawnAside(path, variables, theirs, (pid) => {
    system.starting--
    spawned(pid)
  })
}

const smallestPipe = 4096

const write = (descriptor: number, text: Buffer): Stream.Writable => {
  const socket = new Net.Socket({ fd: descriptor, readable: false, writable: true })
  ignoreErrors(socket)
  socket.end(text)
  return socket
}

/** A process that was started, as far as it has come. */
interface Child {
  readonly system: System
  readonly output: OutputPipe.OutputPipe
  readonly timers: Set<NodeJS.Timeout>
  listener: ChildListener
  hasExited: boolean
}

const handleOf = (
  system: System,
  pid: number,
  writing: Stream.Writable | undefined,
  outputs: readonly [number, number]
): ChildHandle => {
  const readers = {
    stdout: (chunk: Buffer) => child.listener.stdout(chunk),
    stderr: (chunk: Buffer) => child.listener.stderr(chunk)
  }
  // A process that closes its outputs has mostly ended.
  const ends = { ended: () => waiting.look(), closed: () => closed(child) }
  const output = OutputPipe.make(system.libc, outputs, readers, ends)
  const timers = new Set([setTimeout(output.follow, shortMs)])
  const child: Child = { system, output, timers, listener: noListener, hasExited: false }
  system.running++
  const waiting = system.waitFor(pid, (status) => exited(child, status))
  // It may have ended before it was waited for.
  setImmediate(waiting.look)
  return {
    pid,
    listen: (given) => {
      child.listener = given
    },
    release: () => {
      for (const timer of timers) clearTimeout(timer)
      writing?.destroy()
      output.release()
      waiting.release()
    }
  }
}

const closed = ({ hasExited, listener, output }: Child) => {
  if (hasExited && output.isClosed()) listener.closed()
}

const exited = (child: Child, status: number | null) => {
  child.system.running--
  child.hasExited = true
  const { code, coreDumped, signal } = Reaper.endOf(status)
  child.listener.exited(code, signal, coreDumped)
  drain(child)
  if (!child.output.isClosed()) child.listener.draining()
}

const drain = (child: Child) => {
  const { output, system, timers } = child
  output.drain()
  closed(child)
  if (output.isClosed()) return
  // A process that is just being started has what we have open, for a moment.
  if (system.starting > 0) timers.add(setTimeout(() => drain(child), 1))
  else output.follow()
}

// Where no signal says that a process has ended, the end of its output must. Otherwise most plugins do not take as long.
const shortMs = Worker.isMainThread ? 20 : 0

const noListener: ChildListener = {
  stdout: () => {},
  stderr: () => {},
  exited: () => {},
  draining: () => {},
  closed: () => {}
}
