/** Records the runs of plugins of a call, and which one the call waits for. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { PluginOutcome } from "../../../domain/plugin/PluginReply.ts"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import type { PluginExecError } from "../../../services/plugin/PluginExec.ts"
import type { PluginObserver } from "../../../services/plugin/PluginObserver.ts"
import { monotonicMillis } from "../../../services/time/monotonicMillis.ts"

/** What a call waits for: a plugin, or something without a name; since when, in ms of `monotonicMillis`. */
export interface Waiting {
  readonly name: string | undefined
  readonly since: number
}

export interface Watch {
  readonly observer: PluginObserver["Service"]
  /** The runs so far, in the order of their starts. */
  readonly runs: Effect.Effect<ReadonlyArray<PluginRun.PluginRun>>
  /** What the call waits for at the moment; `undefined` inside of `withTerminal`. */
  readonly waiting: Effect.Effect<Waiting | undefined>
  /** Runs an effect that has the terminal for itself. */
  readonly withTerminal: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Sets what clears the terminal before such an effect. */
  readonly clearBy: (clear: Effect.Effect<void>) => void
}

export const makeWatch: Effect.Effect<Watch> = Effect.map(monotonicMillis, (begun): Watch => {
  const runs: Array<PluginRun.PluginRun> = []
  const running = new Map<object, Waiting>()
  let holders = 0
  let idleSince = begun
  let clear: Effect.Effect<void> = Effect.void
  const idleFromNow = Effect.map(monotonicMillis, (now) => idleSince = now)
  const take = Effect.suspend(() => {
    holders++
    return clear
  })
  const giveBack = Effect.suspend(() => {
    holders--
    return idleFromNow
  })
  const watched: PluginObserver["Service"]["watched"] = (invocation, run) =>
    Effect.flatMap(monotonicMillis, (since) => {
      running.set(invocation, { name: `${invocation.plugin} ${invocation.command}`, since })
      return Effect.onExit(run, (exit) =>
        Effect.map(idleFromNow, (now) => {
          running.delete(invocation)
          const times = PluginRun.about(invocation, Math.round(since - begun), Math.round(now - begun))
          runs.push({ ...times, ...endOf(exit) })
        }))
    })
  return {
    observer: { watched },
    runs: Effect.sync(() => runs.toSorted((left, right) => left.startMs - right.startMs)),
    waiting: Effect.sync(() =>
      holders > 0 ? undefined : running.values().next().value ?? { name: undefined, since: idleSince }
    ),
    withTerminal: (effect) => Effect.acquireUseRelease(take, () => effect, () => giveBack),
    clearBy: (effect) => void (clear = effect)
  }
})

const endOf = (exit: Exit.Exit<PluginOutcome, PluginExecError>) =>
  Exit.isSuccess(exit)
    ? PluginRun.ofOutcome(exit.value)
    : PluginRun.ofError(Option.getOrUndefined(Cause.findErrorOption(exit.cause)))
