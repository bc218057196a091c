/** Undoes an ADD that failed or was interrupted: the plugins that were started, backward, past failures. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { type AttachFailure, type DetachFailure, RollbackFailed } from "../../domain/CniError.ts"
import * as CniResult from "../../domain/CniResult.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import type { PluginDiscovery } from "../../services/PluginDiscovery.ts"
import type { PluginExec } from "../../services/PluginExec.ts"
import { BusyRetry, PluginTimeLimit, RollbackTimeLimit } from "../../services/Tunables.ts"
import * as InvokePlugin from "./invokePlugin.ts"
import { settle } from "./settle.ts"
import type { Target } from "./target.ts"

/** How far an ADD has come: what must be undone. `recording` is set before the record is written. */
export interface Progress {
  readonly started: Array<InvokePlugin.LocatedPlugin>
  lastResult: CniResult.CniResult | undefined
  recording: boolean
}

type Requirements = PluginExec | PluginDiscovery | AttachmentCache

/** Fails with the ADD's own cause, or where the undo failed too with all of it. */
export const rollback = Effect.fnUntraced(function*(
  target: Target,
  progress: Progress,
  cause: Cause.Cause<AttachFailure>
): Effect.fn.Return<never, AttachFailure | RollbackFailed, Requirements> {
  const { defects, failures } = yield* settle(yield* deletions(target, progress))
  const removed = yield* settle(failures.length === 0 && progress.recording ? [removeRecord(target)] : [])
  const all = [...failures, ...removed.failures]
  // An interruption and a defect stay what they are; a failure is inside of RollbackFailed.
  const outcome = Arr.isReadonlyArrayNonEmpty(all) ? withFailures(target, cause, all) : cause
  return yield* Effect.failCause(Cause.combine(outcome, Cause.combine(defects, removed.defects)))
}, Effect.withSpan("rollback"))

const withFailures = (
  { key }: Target,
  cause: Cause.Cause<AttachFailure>,
  failures: Arr.NonEmptyReadonlyArray<DetachFailure>
): Cause.Cause<AttachFailure | RollbackFailed> => {
  const first = Cause.findErrorOption(cause)
  return Option.isSome(first)
    ? Cause.fail(new RollbackFailed({ ...key, failures, cause: first.value }))
    : Cause.combine(cause, Cause.fail(new RollbackFailed({ ...key, failures })))
}

const leastShareMs = 1000

const deletions = Effect.fnUntraced(function*(target: Target, { lastResult, started }: Progress) {
  const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(yield* RollbackTimeLimit)
  const limitOf = yield* PluginTimeLimit
  const prevResult = target.hasCheck && lastResult
    ? Result.getOrElse(CniResult.convert(lastResult, target.list.cniVersion), () => undefined)
    : undefined
  return started.toReversed().map(({ plugin }, index) =>
    Effect.gen(function*() {
      // A plugin that hangs takes its share of the time, not that of those before it; none is asked without any.
      const shareMs = (deadline - (yield* Clock.currentTimeMillis)) / (started.length - index)
      const limitMs = Math.ceil(Math.min(Math.max(leastShareMs, shareMs), Duration.toMillis(limitOf("DEL"))))
      return yield* InvokePlugin.tell("DEL", target, plugin, prevResult, limitMs).pipe(
        Effect.updateService(BusyRetry, Schedule.upTo({ duration: limitMs }))
      )
    })
  )
})

const removeRecord = ({ key }: Target) => AttachmentCache.use((cache) => cache.remove(key))
