/**
 * One process of one plugin, from its start to its certain end. It has a process group of its own, so that it can be
 * stopped with all that it started; a child that a successful plugin leaves behind lives on.
 */
import { hasLivingMember, signalGroup } from "../../process/processGroup.ts"
import type { Launchable, Launched } from "./launch.ts"
import { headBuffer, type OutputBuffer, tailBuffer } from "./outputBuffer.ts"

/** What to run and within which limits; times in ms, sizes in bytes. */
export interface Program extends Launchable {
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

/** Stops a process, whatever it does; its end follows. */
export type Stop = (reason: StopReason) => void

/** Sees a process to its end, which is told once and never synchronously. */
export const supervise = (launched: Launched, program: Program, ended: (ending: Ending) => void): Stop => {
  const { pid } = launched
  const stdout = headBuffer(program.stdoutBytes, () => stop("outputLimit"))
  const stderr = tailBuffer(program.stderrBytes)
  let status: Pick<Ending, "signal" | "coreDumped"> & { readonly code: number | null } | undefined
  let stopped: Ending["stopped"]
  let isOver = false
  const timers = new Set<NodeJS.Timeout>()

  const after = (ms: number, action: () => void) => {
    if (ms <= longestTimer) timers.add(setTimeout(action, ms))
  }
  const finish = () => {
    if (isOver) return
    isOver = true
    for (const timer of timers) clearTimeout(timer)
    launched.release()
    ended({
      status: status?.code ?? null,
      signal: status?.signal ?? null,
      coreDumped: status?.coreDumped ?? false,
      stdout: stdout.content(),
      stderr: stderr.content(),
      stopped
    })
  }
  const stop = (reason: StopReason) => {
    if (isOver || stopped !== undefined) return
    // What has ended in time has all its output read, for as long as the drain grace is.
    if (status !== undefined && reason === "timeLimit") return
    if (status !== undefined) {
      if (reason === "outputLimit") stopped = { reason, endedBy: "SIGTERM" }
      return finish()
    }
    stopped = { reason, endedBy: "SIGTERM" }
    signalGroup(pid, "SIGTERM")
    after(program.killGraceMs, () => {
      if (status === undefined) stopped = { reason, endedBy: "SIGKILL" }
      signalGroup(pid, "SIGKILL")
      // Not even SIGKILL ends a process that hangs in the kernel: nobody waits for it for ever.
      after(program.killGraceMs, finish)
    })
  }

  launched.listen({
    stdout: stdout.add,
    stderr: stderr.add,
    exited: (code, signal, coreDumped = false) => {
      status = { code, signal, coreDumped }
      if (stopped === undefined) return
      // The others of the group were told as well, and have as long as it had.
      const awaitOthers = (leftMs: number) => {
        if (leftMs > 0 && hasLivingMember(pid)) return after(pollMs, () => awaitOthers(leftMs - pollMs))
        signalGroup(pid, "SIGKILL")
        finish()
      }
      awaitOthers(program.killGraceMs)
    },
    draining: () => {
      if (stopped === undefined) after(program.drainGraceMs, () => drain(stdout, program.drainGraceMs, finish))
    },
    closed: () => {
      if (stopped === undefined) finish()
    }
  })
  after(program.timeLimitMs, () => stop("timeLimit"))
  return stop
}

const pollMs = 20

const longestTimer = 2 ** 31 - 1

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
