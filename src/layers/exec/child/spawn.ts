/** What it is to start a process, and the way of `node:child_process`, which forks this one. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import type * as Stream from "node:stream"
import { codeOf, messageOf } from "../../../domain/errors/SystemError.ts"
import { assertRunnable, NotRunnable } from "./executableFormat.ts"

/** What to start; `variables` are set over our own environment. */
export interface SpawnRequest {
  readonly path: string
  readonly variables: Readonly<Record<string, string>>
  readonly stdin: string
}

/** Whether something of a request would be cut off: the system takes no texts with a NUL. */
export const isCut = ({ path, variables }: SpawnRequest): boolean =>
  [path, ...Object.values(variables)].some((text) => text.includes("\0"))

/** What is called as a child goes on; nothing is called synchronously. */
export interface ChildListener {
  readonly stdout: (chunk: Buffer) => void
  readonly stderr: (chunk: Buffer) => void
  /** It has ended: by itself, or by a signal. Both are null where that was lost. Node does not tell of a core. */
  readonly exited: (status: number | null, signal: string | null, coreDumped?: boolean) => void
  /** It has ended, but its outputs are not closed, or not read. */
  readonly draining: () => void
  /** It has ended, and its outputs are read and closed, also by the processes that inherited them. */
  readonly closed: () => void
}

/** A process that was started and leads a session. Its stdin is being written; errors of pipes are ignored. */
export interface ChildHandle {
  readonly pid: number
  /** To be called at once, so that nothing is missed. */
  readonly listen: (listener: ChildListener) => void
  /** Lets go of its pipes, and of the event loop. */
  readonly release: () => void
}

/**
 * Why the system does not start a process: by `code` (`ENOEXEC`) the kinds are told apart, `errno` is what the kernel says,
 * or would say, and `detail` are words.
 */
export interface Refusal {
  readonly code: string
  readonly errno: string
  readonly detail: string
}

/** Starts a process; to be run uninterruptibly. */
export type Spawn = (request: SpawnRequest) => Effect.Effect<ChildHandle, Refusal>

/** The refusal in what Node throws, or in an event. */
export const refusalOf = (error: unknown): Refusal => ({
  code: codeOf(error),
  errno: error instanceof NotRunnable ? error.kernelCode : codeOf(error),
  detail: messageOf(error)
})

/** A plugin need not read its input (EPIPE), nor be there any more (ECONNRESET). */
export const ignoreErrors = (stream: Stream.Readable | Stream.Writable): void => {
  stream.on("error", () => {})
}

/**
 * Each start copies the page tables of this process, and holds up its event loop for as long as that takes. Node starts
 * programs with execvp, which hands a file that the kernel refuses as "no program" to /bin/sh, so that an empty,
 * half-installed plugin would succeed: such a file is noticed before.
 */
export const spawn: Spawn = ({ path, stdin, variables }) =>
  Effect.callback((resume) => {
    try {
      assertRunnable(path)
      const child = ChildProcess.spawn(path, [], {
        env: { ...process.env, ...variables },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
        windowsHide: true
      })
      if (child.pid === undefined) child.on("error", (error) => resume(Effect.fail(refusalOf(error))))
      else resume(Effect.succeed(handleOf(child, child.pid, stdin)))
    } catch (error) {
      resume(Effect.fail(refusalOf(error)))
    }
  })

const handleOf = (child: ChildProcess.ChildProcessWithoutNullStreams, pid: number, stdin: string): ChildHandle => {
  child.on("error", () => {}) // a signal that could not be sent: the process is gone
  const streams = [child.stdin, child.stdout, child.stderr]
  for (const stream of streams) ignoreErrors(stream)
  child.stdin.end(stdin)
  return {
    pid,
    listen: ({ closed, draining, exited, stderr, stdout }) => {
      child.stdout.on("data", stdout)
      child.stderr.on("data", stderr)
      child.on("exit", exited).on("exit", draining)
      child.on("close", closed)
    },
    release: () => {
      for (const stream of streams) stream.destroy()
      child.unref()
    }
  }
}
