/** What one run is to do, and what must come of it. */
import type { CniError } from "effect-cni"

/** What a run was like for whoever asked for it. */
export interface Seen {
  /** In words, such as `exited 3`, `signalled SIGSEGV`, `timed out SIGTERM`, `not started NotFound`. */
  readonly end: string
  /** Of too much output only the beginning, which is in the error. */
  readonly stdout: Uint8Array
  readonly stderr: string
  readonly durationMs: number
  /** How many processes it took. */
  readonly starts: number
  /** Whether the last of them was still there when the run was over. */
  readonly isAlive: boolean
}

/** What a plugin does, what is done to it, and what must come of that. */
export interface Behaviour {
  readonly path: string
  /** For `plugin.c`. */
  readonly steps: string
  /** Who runs it: the library, or `node:child_process` beside it, with or without blocking. */
  readonly by: "library" | "node" | "node, blocking"
  readonly command: CniError.Command
  readonly stdin: string
  readonly timeLimitMs: number
  readonly killGraceMs: number
  /** How much stdout is allowed. */
  readonly maxBytes: number
  /** After its start, if at all. */
  readonly killAfterMs: number | undefined
  readonly interruptAfterMs: number | undefined
  /** What is different from what must be, in words. It may clean up what only it knows of. */
  readonly check: (seen: Seen) => ReadonlyArray<string>
}

/** A run that was drawn. */
export interface Plan extends Behaviour {
  readonly index: number
  readonly kind: string
}

/** What must come of a run. What is left out is nothing, and nobody is left alive; several ends are all as good. */
export interface Truth {
  readonly end: string | ReadonlyArray<string>
  readonly stdout?: Uint8Array
  readonly stderr?: string
  readonly starts?: number
  readonly leastMs?: number
}

/** A run takes this only if it waits for what it must not wait for. */
export const tooLongMs = 15_000

/** What is seen that is not so. */
export const differences = (truth: Truth, seen: Seen): ReadonlyArray<string> => {
  const { end, leastMs = 0, starts = 1, stderr = "", stdout = none } = truth
  const ends = typeof end === "string" ? [end] : end
  return [
    ...unless(ends.includes(seen.end), () => `${seen.end}, not ${ends.join(" or ")}`),
    ...unless(Buffer.compare(seen.stdout, stdout) === 0, () => `stdout ${textOf(seen.stdout)}, not ${textOf(stdout)}`),
    ...unless(seen.stderr === stderr, () => `stderr ${excerpt(seen.stderr)}, not ${excerpt(stderr)}`),
    ...unless(seen.starts === starts, () => `${seen.starts} processes, not ${starts}`),
    ...unless(seen.durationMs >= leastMs && seen.durationMs < tooLongMs, () => `took ${seen.durationMs} ms`),
    ...unless(!seen.isAlive, () => "its process outlived the run")
  ]
}

const none = new Uint8Array()

/** A difference, unless it is none. */
export const unless = (isSo: boolean, difference: () => string): ReadonlyArray<string> => isSo ? [] : [difference()]

const textOf = (bytes: Uint8Array): string => excerpt(Buffer.from(bytes).toString("latin1"))

const excerpt = (text: string): string =>
  `of ${text.length} characters ${JSON.stringify(text.length > 60 ? `${text.slice(0, 30)}…${text.slice(-30)}` : text)}`
