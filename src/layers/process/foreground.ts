/** Runs a command that has our terminal until it ends, and leaves the signals of the terminal to it. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import { ProgramUnusable } from "../../domain/errors/CommandError.ts"
import type { Ending } from "../../services/network/ScratchNamespaces.ts"
import { KillGrace } from "../../services/Tunables.ts"
import { statOf } from "./processIdentity.ts"

/**
 * Runs it with our stdin, stdout and stderr, in our process group, which the terminal's signals go to. Those that we get
 * from elsewhere are passed on.
 */
export const runInForeground = Effect.fnUntraced(function*(file: string, args: ReadonlyArray<string>) {
  const graceMs = Duration.toMillis(yield* KillGrace)
  return yield* Effect.callback<Ending, ProgramUnusable>((resume) => {
    // Before it is there: its signals are not ours from its first moment on.
    const release = deflect((signal) => {
      if (!isForeground()) child.kill(signal)
    })
    const child = ChildProcess.spawn(file, args, { stdio: "inherit" })
    child.on("error", ({ message }) => {
      release()
      resume(Effect.fail(new ProgramUnusable({ program: file, reason: "Refused", detail: message })))
    })
    child.on("exit", (status, signal) => {
      release()
      resume(Effect.succeed(endingOf(status, signal)))
    })
    return stop(child, graceMs)
  })
})

const endingOf = (status: number | null, signal: NodeJS.Signals | null): Ending =>
  signal === null ? { status: status ?? 1 } : { status: 128 + Os.constants.signals[signal], signal }

const stop = (child: ChildProcess.ChildProcess, graceMs: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs)
    child.on("exit", () => {
      clearTimeout(timer)
      resume(Effect.void)
    })
    child.kill("SIGTERM")
    // A child that was stopped (Ctrl-Z) gets the signal only then.
    child.kill("SIGCONT")
  })

/** The signals that a terminal sends to all processes in its foreground. */
const ofTerminal = ["SIGINT", "SIGQUIT"] as const

/** What answers them: this process, the child that has the terminal, or nothing, since that child has ended. */
export type Answerer = "us" | "child" | "nothing"

let answerer: Answerer = "us"

/** Hands the signals of the terminal to a child until the function that it gives is called. */
const deflect = (to: (signal: NodeJS.Signals) => void): () => void => {
  const onSignal = (signal: NodeJS.Signals) => {
    if (answerer === "child") to(signal)
  }
  for (const signal of ofTerminal) {
    if (listener !== undefined) process.off(signal, listener)
    process.on(signal, onSignal)
  }
  listener = onSignal
  answerer = "child"
  // Without a listener, a SIGQUIT that is told of late would end this process.
  return () => {
    answerer = "nothing"
  }
}

let listener: ((signal: NodeJS.Signals) => void) | undefined

/**
 * What answers a signal at the moment. What comes after the child's end is not ours again, because Node may tell of a
 * child's end before it tells of the signal that the child ended after.
 */
export const answererOf = (signal: NodeJS.Signals): Answerer =>
  ofTerminal.some((deflected) => deflected === signal) ? answerer : "us"

/** Whether the terminal's signals reach all of our process group: then a child in it needs no copy from us. */
const isForeground = (): boolean => {
  const stat = statOf(process.pid)
  return stat !== undefined && stat.group === stat.foreground
}
