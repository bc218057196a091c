/** DEL: the plugins backward, then what is stored of the attachment is removed, if everything succeeded. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import { type CacheIoError, DetachIncomplete } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import {
  BusyRetry,
  PluginConcurrency,
  PluginTimeLimit,
  RollbackTimeLimit,
  TryAgainRetry
} from "../../services/Tunables.ts"
import { type StoredAttachment, valueOf } from "../attachment/lookUp.ts"
import { resultOf } from "../attachment/restore.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import { beginDelete, type JournalHandle } from "../guard/journaling.ts"
import * as InvokePlugin from "../plugin/invokePlugin.ts"

/**
 * - `optional`: the plugins that may be missing; then the DEL goes on without them, and logs that.
 * - `asksAgain`: a plugin that fails within `RollbackTimeLimit` is asked once more.
 */
export interface DelOptions {
  readonly optional?: ReadonlySet<PluginConfig>
  readonly asksAgain?: boolean
}

/** Stops at the first plugin that fails, and then keeps the record: an address must not be free while it is in use. */
export const delChain = Effect.fnUntraced(function*(
  stored: StoredAttachment,
  attachment: ValidatedAttachment,
  { asksAgain = false, optional = new Set() }: DelOptions = {}
) {
  const journal = yield* beginDelete(stored, attachment)
  const prevResult = yield* prevResultOf(stored, attachment)
  const deadline = (yield* monotonicMillis) + Duration.toMillis(yield* RollbackTimeLimit)
  const deletions = attachment.list.plugins.toReversed().map((plugin) => {
    const asked = InvokePlugin.tell("DEL", attachment, plugin, prevResult, { started: journal.started })
    const told = asksAgain ? onceMore(asked, deadline) : asked
    return optional.has(plugin) ? Effect.catchIf(told, isMissing, (error) => Effect.logWarning(error.message)) : told
  })
  yield* Effect.forEach(deletions, (deletion) => deletion, { discard: true }).pipe(
    Effect.andThen(forget(stored, journal)),
    Effect.tapError(({ message }) => journal.failed(message))
  )
})

const isMissing = ({ _tag }: InvokePlugin.TellError | CacheIoError): boolean =>
  _tag === "PluginNotFound" || _tag === "PluginNotExecutable" || _tag === "InvalidPluginType"

/** Asks every plugin, past failures, uninterruptibly; what is stored is kept when one of them failed. */
export const detachChain = Effect.fnUntraced(function*(
  stored: StoredAttachment,
  attachment: ValidatedAttachment,
  lastResult?: CniResult.CniResult
) {
  const journal = yield* beginDelete(stored, attachment)
  const prevResult = yield* prevResultOf(stored, attachment, lastResult)
  const deleted = yield* deleteBackwards(attachment, attachment.list.plugins, prevResult, journal.started)
  const { defects, failures } = yield* forgetDeleted(stored, journal, deleted)
  if (failures.length === 0 && defects.reasons.length === 0) return
  const incomplete = Arr.isReadonlyArrayNonEmpty(failures)
    ? Cause.fail(new DetachIncomplete({ ...attachment.key, failures }))
    : Cause.empty
  return yield* Effect.failCause(Cause.combine(incomplete, defects))
}, Effect.uninterruptible)

/** The result for the plugins of a DEL, if it can be used: damage does not keep an attachment from being deleted. */
export const prevResultOf = Effect.fnUntraced(function*(
  { entry, record }: StoredAttachment,
  attachment: ValidatedAttachment,
  lastResult?: CniResult.CniResult
) {
  const { hasCheck, list: { cniVersion } } = attachment
  if (!hasCheck || (record._tag === "Unreadable" && lastResult === undefined)) return undefined
  if (record._tag === "Present") {
    return Result.getOrUndefined(yield* Effect.result(resultOf(record.value, attachment)))
  }
  const last = valueOf(entry)?.result ?? lastResult?.json
  if (last === undefined) return undefined
  return CniResult.fromJson(last, cniVersion).pipe(
    Result.flatMap((result) => CniResult.convert(result, cniVersion)),
    Result.getOrUndefined
  )
})

// The record first: recovery completes an entry without a record, but takes a record without an entry for live.
const forget = Effect.fnUntraced(function*({ key, record }: StoredAttachment, journal: JournalHandle) {
  if (record._tag === "Unreadable" && record.error._tag === "CacheIoError") return yield* record.error
  if (record._tag !== "Absent") yield* (yield* AttachmentCache).remove(key)
  yield* journal.forget
})

/** Removes what is stored if no plugin failed. Marks the attachment as failed if anything did, and gives all failures. */
export const forgetDeleted = Effect.fnUntraced(function*<E extends Error>(
  stored: StoredAttachment,
  journal: JournalHandle,
  deleted: Failures<E>
) {
  const forgotten = yield* collectFailures(deleted.failures.length === 0 ? [forget(stored, journal)] : [])
  const failures = [...deleted.failures, ...forgotten.failures]
  const defects = Cause.combine(deleted.defects, forgotten.defects)
  if (failures.length > 0 || defects.reasons.length > 0) yield* journal.failed(inWords({ failures, defects }))
  return { failures, defects }
})

/**
 * Asks plugins, given in the order in which they were started, to DEL what they made: last to first, past failures, all
 * within `RollbackTimeLimit`, uninterruptibly. One that fails is asked once more, because reference plugins fail the first
 * time when their chain of rules was flushed.
 */
export const deleteBackwards = Effect.fnUntraced(function*(
  attachment: ValidatedAttachment,
  plugins: ReadonlyArray<PluginConfig>,
  prevResult: CniResult.CniResult | undefined,
  started: InvokePlugin.OnPluginStart | undefined
) {
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
      return yield* InvokePlugin.tell("DEL", attachment, plugin, prevResult, { started, timeLimitMs }).pipe(
        Effect.updateService(BusyRetry, inTime),
        Effect.updateService(TryAgainRetry, inTime),
        // A deletion does not wait for the plugins of other operations, which might take all of its time.
        Effect.provideService(PluginConcurrency, "unbounded")
      )
    })
    return onceMore(ask, deadline)
  })
  return yield* collectFailures(deletions)
}, Effect.uninterruptible)

const leastShareMs = 1000

// DEL is idempotent. A plugin that ran too long had its chance. The deadline is in monotonic ms.
const onceMore = <R>(ask: Effect.Effect<void, InvokePlugin.TellError, R>, deadline: number) =>
  Effect.catchTag(
    ask,
    "PluginError",
    (refusal) => Effect.flatMap(monotonicMillis, (now) => now < deadline ? ask : Effect.fail(refusal))
  )

/** What went wrong: typed failures, and defects as a cause. */
export interface Failures<E> {
  readonly failures: ReadonlyArray<E>
  readonly defects: Cause.Cause<never>
}

/** Runs the effects one after the other, whether or not one before has failed. */
const collectFailures = <E, R>(
  effects: ReadonlyArray<Effect.Effect<void, E, R>>
): Effect.Effect<Failures<E>, never, R> =>
  Effect.map(Effect.forEach(effects, Effect.exit), (exits) => {
    const causes = exits.flatMap((exit) => Exit.isFailure(exit) ? [exit.cause] : [])
    return {
      failures: causes.flatMap((cause) => Option.toArray(Cause.findErrorOption(cause))),
      defects: Cause.fromReasons(causes.flatMap(({ reasons }) => reasons.filter(Cause.isDieReason)))
    }
  })

/** What went wrong, in words. */
export const inWords = <E extends Error>({ defects, failures }: Failures<E>): string =>
  [...failures, ...Cause.prettyErrors(defects)].map(({ message }) => message).join("; ")
