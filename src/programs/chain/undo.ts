/**
 * Asks plugins to DEL what they made: last to first, past failures, in a time budget of its own. One that fails is asked
 * once more, because reference plugins fail the first time when their chain of rules was flushed.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import type { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../../services/plugin/PluginExec.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import {
  BusyRetry,
  PluginConcurrency,
  PluginTimeLimit,
  RollbackTimeLimit,
  TryAgainRetry
} from "../../services/Tunables.ts"
import type { Target } from "../attachment/target.ts"
import * as InvokePlugin from "../plugin/invokePlugin.ts"
import { settle, type Settled } from "../plugin/settle.ts"

/** What undoing needs. */
export type Requirements = PluginExec | PluginDiscovery

/** Undoes what `plugins` did, which are given in the order in which they were started. Cannot be interrupted. */
export const undo = Effect.fnUntraced(function*(
  target: Target,
  plugins: ReadonlyArray<PluginConfig>,
  prevResult: CniResult | undefined,
  watch: InvokePlugin.Watch | undefined
): Effect.fn.Return<Settled<InvokePlugin.TellError>, never, Requirements> {
  const deadline = (yield* monotonicMillis) + Duration.toMillis(yield* RollbackTimeLimit)
  const limitOf = yield* PluginTimeLimit
  const deletions = plugins.toReversed().map((plugin, index) => {
    const ask = Effect.gen(function*() {
      // A plugin that hangs takes its share of the time, not that of those before it; none is asked without any.
      const now = yield* monotonicMillis
      const shareMs = (deadline - now) / (plugins.length - index)
      const timeLimitMs = Math.ceil(Math.min(Math.max(leastShareMs, shareMs), Duration.toMillis(limitOf("DEL"))))
      // `Schedule.upTo` goes by the wall clock.
      const inTime = Schedule.while(() => Effect.map(monotonicMillis, (later) => later - now <= timeLimitMs))
      return yield* InvokePlugin.tell("DEL", target, plugin, prevResult, { watch, timeLimitMs }).pipe(
        Effect.updateService(BusyRetry, inTime),
        Effect.updateService(TryAgainRetry, inTime),
        // An undo does not wait for plugins of others, which might take all of its time.
        Effect.provideService(PluginConcurrency, "unbounded")
      )
    })
    return onceMore(ask, deadline)
  })
  return yield* settle(deletions)
}, Effect.uninterruptible)

/**
 * Asks a plugin that fails in DEL once more, up to a deadline in monotonic ms: DEL is idempotent, and what ran too long had
 * its chance.
 */
export const onceMore = <R>(
  ask: Effect.Effect<void, InvokePlugin.TellError, R>,
  deadline: number
): Effect.Effect<void, InvokePlugin.TellError, R> =>
  Effect.catchTag(
    ask,
    "PluginError",
    (refusal) => Effect.flatMap(monotonicMillis, (now) => now < deadline ? ask : Effect.fail(refusal))
  )

const leastShareMs = 1000
