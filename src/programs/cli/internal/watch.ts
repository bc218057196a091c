/** What is known of a command while it runs: which plugins were run, and which one is being waited for. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import type { PluginObserver } from "../../../services/plugin/PluginObserver.ts"
import { monotonicMillis } from "../../../services/time/monotonicMillis.ts"

/** What is waited for: a plugin, or nothing that has a name; since when, in ms of `monotonicMillis`. */
export interface Waiting {
  readonly name: string | undefined
  readonly since: number
}

export interface Watch {
  readonly observer: PluginObserver["Service"]
  /** The runs so far, in the order of their starts. */
  readonly runs: Effect.Effect<ReadonlyArray<PluginRun.PluginRun>>
  /** What is waited for at the moment; nothing while somebody else has the terminal. */
  readonly waiting: Effect.Effect<Waiting | undefined>
  /** Does something that has the terminal meanwhile. */
  readonly aside: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Is called before somebody else gets the terminal. */
  readonly onAside: (yieldTerminal: Effect.Effect<void>) => void
}

export const makeWatch: Effect.Effect<Watch> = Effect.map(monotonicMillis, (begun): Watch => {
  const runs: Array<PluginRun.PluginRun> = []
  const running = new Map<object, Waiting>()
  let aside = 0
  let idleSince = begun
  let yieldTerminal: Effect.Effect<void> = Effect.void
  const watched: PluginObserver["Service"]["watched"] = (invocation, run) =>
    Effect.flatMap(monotonicMillis, (since) => {
      running.set(invocation, { name: `${invocation.plugin} ${invocation.command}`, since })
      return Effect.onExit(run, (exit) =>
        Effect.map(monotonicMillis, (now) => {
          running.delete(invocation)
          idleSince = now
          runs.push({
            ...PluginRun.about(invocation, Math.round(since - begun), Math.round(now - begun)),
            ...endOf(exit)
          })
        }))
    })
  const leave = Effect.map(monotonicMillis, (now) => {
    aside--
    idleSince = now
  })
  return {
    observer: { watched },
    runs: Effect.sync(() => runs.toSorted((left, right) => left.startMs - right.startMs)),
    waiting: Effect.sync(() => {
      if (aside > 0) return undefined
      return running.values().next().value ?? { name: undefined, since: idleSince }
    }),
    aside: (effect) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          aside++
          return yieldTerminal
        }),
        () => effect,
        () => leave
      ),
    onAside: (effect) => {
      yieldTerminal = effect
    }
  }
})

const endOf = (
  exit: Exit.Exit<Parameters<typeof PluginRun.ofOutcome>[0], NonNullable<Parameters<typeof PluginRun.ofError>[0]>>
) =>
  Exit.isSuccess(exit)
    ? PluginRun.ofOutcome(exit.value)
    : PluginRun.ofError(Option.getOrUndefined(Cause.findErrorOption(exit.cause)))
