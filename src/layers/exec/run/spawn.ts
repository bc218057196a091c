/** What it is to start a process, in whichever way: its end and its output reach us alike. */
import type * as Effect from "effect/Effect"
import type * as Stream from "node:stream"
import { codeOf } from "../../files/errno.ts"
import { messageOf } from "../../files/systemErrors.ts"
import { NotRunnable } from "./executableFormat.ts"

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
