/** Runs a program as this process: signals interrupt it, and the exit status says how it ended. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Os from "node:os"
import { answererOf } from "../process/foreground.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type Signal = typeof signals[number]

/**
 * The first signal interrupts the program, which then undoes what it has begun; later ones only call `onImpatience`, since
 * to stop there is what would leak. Those of the terminal are left to a command that has it, and do no more than a later
 * one once that has ended. The exit status is 128 + the first signal's number, also where the undo failed; without one it
 * is the error's own, else 1.
 */
export const runMain = <E, A>(
  program: Effect.Effect<A, E>,
  { onImpatience }: { readonly onImpatience: () => void }
): void => {
  let received: Signal | undefined
  const run = Runtime.makeRunMain(({ fiber, teardown }) => {
    const onSignal = (signal: Signal) => {
      const answerer = answererOf(signal)
      if (answerer === "child") return
      if (answerer === "nothing" || received !== undefined) return onImpatience()
      received = signal
      fiber.interruptUnsafe(fiber.id)
    }
    for (const signal of signals) process.on(signal, onSignal)
    fiber.addObserver((exit) => teardown(exit, (status) => process.exit(status)))
  })
  run(reporting(program), {
    disableErrorReporting: true,
    teardown: (exit, onExit) =>
      received === undefined || (Exit.isSuccess(exit))
        ? Runtime.defaultTeardown(exit, onExit)
        : onExit(128 + Os.constants.signals[received])
  })
}

// What has not been reported yet is a defect of ours.
const reporting = <E, A>(program: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.tapCause(program, (cause) =>
    Cause.hasDies(cause)
      ? Effect.sync(() => process.stderr.write(`this should not have happened:\n${Cause.pretty(cause)}\n`))
      : Effect.void)
