/** A command that has our terminal until it ends. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import { ProgramUnusable } from "../../domain/errors/CommandError.ts"
import type { Ending } from "../../services/network/ScratchNamespaces.ts"
import { KillGrace } from "../../services/Tunables.ts"
import { deflect, isForeground } from "./signals.ts"

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
