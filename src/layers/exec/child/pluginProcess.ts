/**
 * One process of one plugin, from its start to its certain end. It leads its own process group, so that it can be
 * stopped with all that it started; a child that a successful plugin leaves behind lives on.
 */
import { hasLivingMember, signalGroup } from "../../process/processIdentity.ts"
import type { ChildHandle, SpawnRequest } from "./spawn.ts"

/** What to run and within which limits; times in ms, sizes in bytes. */
export interface Program extends SpawnRequest {
  readonly timeLimitMs: number
  readonly killGraceMs: number
  readonly drainGraceMs: number
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

/** Why a process was stopped before it ended by itself. */
export type StopReason = "timeLimit" | "outputLimit" | "interruption"

/** How the process ended; `stopped` tells whether we ended it, and which signal that took. */
export interface Ending {
  readonly status: number | null
  readonly signal: string | null
  readonly coreDumped: boolean
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly stopped: { readonly reason: StopReason; readonly endedBy: "SIGTERM" | "SIGKILL" } | undefined
}

/** Stops a process; its end follows, also where the process ignores SIGTERM. */
export type Stop = (reason: StopReason) => void

/** Sees a process to its end, which is told once and never synchronously. */
export const supervise = (child: ChildHandle, program: Program, ended: (ending: Ending) => void): Stop => {
  const stdout = headBuffer(program.stdoutBytes, () => stop(run, "outputLimit"))
  const stderr = tailBuffer(program.stderrBytes)
  const timers = new Set<NodeJS.Timeout>()
  const run: Run = { child, program, stdout, stderr, timers, ended, exit: undefined, stopped: undefined, isOver: false }
  child.listen({
    stdout: stdout.add,
    stderr: stderr.add,
    exited: (status, signal, coreDumped = false) => {
      run.exit = { status, signal, coreDumped }
      if (run.stopped !== undefined) awaitOthers(run, program.killGraceMs)
    },
    draining: () => {
      const { drainGraceMs } = program
      if (run.stopped === undefined) after(run, drainGraceMs, () => drain(stdout, drainGraceMs, () => finish(run)))
    },
    closed: () => {
      if (run.stopped === undefined) finish(run)
    }
  })
  after(run, program.timeLimitMs, () => stop(run, "timeLimit"))
  return (reason) => stop(run, reason)
}

interface Run {
  readonly child: ChildHandle
  readonly program: Program
  readonly stdout: OutputBuffer
  readonly stderr: OutputBuffer
  readonly timers: Set<NodeJS.Timeout>
  readonly ended: (ending: Ending) => void
  exit: Pick<Ending, "status" | "signal" | "coreDumped"> | undefined
  stopped: Ending["stopped"]
  isOver: boolean
}

const after = ({ timers }: Run, ms: number, action: () => void) => {
  if (ms <= longestTimer) timers.add(setTimeout(action, ms))
}

const longestTimer = 2 ** 31 - 1

const finish = (run: Run) => {
  if (run.isOver) return
  run.isOver = true
  const { child, ended, exit, stderr, stdout, stopped, timers } = run
  for (const timer of timers) clearTimeout(timer)
  child.release()
  ended({ ...exit ?? lost, stdout: stdout.content(), stderr: stderr.content(), stopped })
}

const lost = { status: null, signal: null, coreDumped: false }

const stop = (run: Run, reason: StopReason) => {
  const { child: { pid }, exit, isOver, program: { killGraceMs } } = run
  if (isOver || run.stopped !== undefined) return
  // What has ended in time has all its output read, for as long as the drain grace is.
  if (exit !== undefined && reason === "timeLimit") return
  if (exit === undefined || reason === "outputLimit") run.stopped = { reason, endedBy: "SIGTERM" }
  if (exit !== undefined) return finish(run)
  signalGroup(pid, "SIGTERM")
  after(run, killGraceMs, () => {
    if (run.exit === undefined) run.stopped = { reason, endedBy: "SIGKILL" }
    signalGroup(pid, "SIGKILL")
    // Not even SIGKILL ends a process that hangs in the kernel: the caller does not wait for it for ever.
    after(run, killGraceMs, () => finish(run))
  })
}

// The others of the group were told to end as well, and have as long as the plugin had.
const awaitOthers = (run: Run, leftMs: number) => {
  const { pid } = run.child
  if (leftMs > 0 && hasLivingMember(pid)) return after(run, pollMs, () => awaitOthers(run, leftMs - pollMs))
  signalGroup(pid, "SIGKILL")
  finish(run)
}

const pollMs = 20

// The loop may have been too busy to read what was already there: end only after a turn that brought nothing, and
// after a while in any case, since a left-over child may write for ever.
const drain = (stdout: OutputBuffer, graceMs: number, finish: () => void) => {
  const deadline = performance.now() + graceMs
  const turn = (before: number) => {
    setImmediate(() => {
      const now = stdout.received()
      if (now === before || performance.now() > deadline) finish()
      else turn(now)
    })
  }
  turn(stdout.received())
}

/** What has come so far; `received` counts what was not kept as well. */
export interface OutputBuffer {
  readonly add: (chunk: Buffer) => void
  readonly content: () => Buffer
  readonly received: () => number
}

/** Keeps the beginning; `onOverflow` is told that there is more. */
const headBuffer = (limit: number, onOverflow: () => void): OutputBuffer => {
  const chunks: Array<Buffer> = []
  let received = 0
  return {
    add: (chunk) => {
      if (received <= limit) chunks.push(chunk)
      received += chunk.byteLength
      if (received > limit) onOverflow()
    },
    content: () => Buffer.concat(chunks),
    received: () => received
  }
}

/** Keeps the end. */
const tailBuffer = (limit: number): OutputBuffer => {
  const chunks: Array<Buffer> = []
  let received = 0
  let kept = 0
  return {
    add: (chunk) => {
      chunks.push(chunk)
      received += chunk.byteLength
      kept += chunk.byteLength
      for (let first = chunks[0]; first !== undefined && kept - first.byteLength >= limit; first = chunks[0]) {
        chunks.shift()
        kept -= first.byteLength
      }
    },
    content: () => Buffer.concat(chunks).subarray(-limit),
    received: () => received
  }
}
