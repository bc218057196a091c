/** DEL: the plugins backward, then what is known of the attachment goes, if everything succeeded and it is its own. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { DetachIncomplete } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { Compat, RollbackTimeLimit } from "../../services/Tunables.ts"
import type { Known, Reading } from "../attachment/known.ts"
import * as Record from "../attachment/record.ts"
import type { Target } from "../attachment/target.ts"
import * as Journaling from "../guard/journaling.ts"
import * as InvokePlugin from "../plugin/invokePlugin.ts"
import { inWords, settle } from "../plugin/settle.ts"
import type { Requirements as NamespaceRequirements } from "./delNamespace.ts"
import { onceMore, type Requirements as UndoRequirements, undo } from "./undo.ts"

/** What DEL needs, with its locks held. */
export type Requirements =
  | UndoRequirements
  | NamespaceRequirements
  | Journaling.Requirements

/**
 * - `isOptional`: whether a plugin may be missing; then the DEL goes on without it, and says so.
 * - `asksAgain`: a plugin that fails within `RollbackTimeLimit` is asked once more.
 */
export interface DelOptions {
  readonly isOptional?: (plugin: PluginConfig) => boolean
  readonly asksAgain?: boolean
}

/** Stops at the first plugin that fails, and then keeps the record: an address must not be free while still in use. */
export const delChain = Effect.fnUntraced(function*(
  target: Target,
  known: Known,
  { asksAgain = false, isOptional = () => false }: DelOptions = {}
): Effect.fn.Return<void, InvokePlugin.TellError | CacheIoError, Requirements> {
  const begun = yield* begin(target, known)
  const { prevResult, watch } = begun
  const deadline = (yield* monotonicMillis) + Duration.toMillis(yield* RollbackTimeLimit)
  const deletions = target.list.plugins.toReversed().map((plugin) => {
    const asked = InvokePlugin.tell("DEL", target, plugin, prevResult, { watch })
    const told = asksAgain ? onceMore(asked, deadline) : asked
    return isOptional(plugin) ? Effect.catchIf(told, isMissing, (error) => Effect.logWarning(error.message)) : told
  })
  yield* Effect.forEach(deletions, (deletion) => deletion, { discard: true }).pipe(
    Effect.andThen(forget(target, begun)),
    Effect.tapError((error) => keepFailed(target, begun, error.message))
  )
})

const isMissing = ({ _tag }: InvokePlugin.TellError): boolean =>
  _tag === "PluginNotFound" || _tag === "PluginNotExecutable" || _tag === "InvalidPluginType"

/** Asks every plugin, whatever those before it said, uninterruptibly; what is known is kept when one of them failed. */
export const detachChain = Effect.fnUntraced(function*(
  target: Target,
  before: Known,
  lastResult?: CniResult.CniResult
): Effect.fn.Return<void, DetachIncomplete, Requirements> {
  const begun = yield* begin(target, before, lastResult)
  const { prevResult, watch } = begun
  const told = yield* undo(target, target.list.plugins, prevResult, watch)
  const forgotten = yield* settle(told.failures.length === 0 ? [forget(target, begun)] : [])
  const failures = [...told.failures, ...forgotten.failures]
  const defects = Cause.combine(told.defects, forgotten.defects)
  if (failures.length === 0 && defects.reasons.length === 0) return
  yield* keepFailed(target, begun, inWords({ failures, defects }))
  const incomplete = Arr.isReadonlyArrayNonEmpty(failures)
    ? Cause.fail(new DetachIncomplete({ ...target.key, failures }))
    : Cause.empty
  return yield* Effect.failCause(Cause.combine(incomplete, defects))
}, Effect.uninterruptible)

interface Begun {
  readonly known: Known
  readonly prevResult: CniResult.CniResult | undefined
  /** Where there is something to be journaled. */
  readonly watch: InvokePlugin.Watch | undefined
}

// From now on a crash is seen.
const begin = Effect.fnUntraced(function*(
  target: Target,
  known: Known,
  lastResult?: CniResult.CniResult
): Effect.fn.Return<Begun, never, Requirements> {
  const record = Result.getOrElse(known.record, () => undefined)
  const entry = Result.getOrElse(known.entry, () => undefined)
  const isFree = known.stranger === undefined || entry !== undefined
  const isJournaled = (yield* Compat) === "safe" && isFree && Result.isSuccess(known.entry) &&
    (yield* Journaling.beginDel(target, entry, record?._tag === "CacheRecord" ? record : undefined))
  const watch = isJournaled ? yield* Journaling.watching(target.key) : undefined
  return { known, prevResult: yield* prevResultOf(target, known, lastResult), watch }
})

// What is damaged does not keep an attachment from being deleted.
const prevResultOf = Effect.fnUntraced(function*(
  target: Target,
  { entry, record }: Known,
  lastResult: CniResult.CniResult | undefined
) {
  if (!target.hasCheck || (Result.isFailure(record) && lastResult === undefined)) return undefined
  if (Result.isSuccess(record) && record.success !== undefined) {
    return Result.getOrUndefined(yield* Effect.result(Record.resultOf(record.success, target)))
  }
  const last = Result.getOrElse(entry, () => undefined)?.result ?? lastResult?.json
  if (last === undefined) return undefined
  return CniResult.fromJson(last, target.list.cniVersion).pipe(
    Result.flatMap((result) => CniResult.convert(result, target.list.cniVersion)),
    Result.getOrUndefined
  )
})

// Of what was not there to begin with there is nothing to be kept.
const keepFailed = Effect.fnUntraced(
  function*({ key }: Target, { known: { entry, record }, watch }: Begun, issue: string) {
    if (watch === undefined) return
    const isKnown = says(entry) || says(record)
    if (isKnown) return yield* Journaling.become(key, "failed", { issue })
    yield* Journaling.forgetful(AttachmentJournal.use((journal) => journal.remove(key)))
  }
)

const says = <A>(reading: Reading<A>): boolean => Result.isFailure(reading) || reading.success !== undefined

// The record first: an entry without one is finished by whoever finds it, a record without an entry looks alive.
const forget = Effect.fnUntraced(function*({ key }: Target, { known: { entry, record }, watch }: Begun) {
  yield* forgetOne(record, AttachmentCache.use((cache) => cache.remove(key)))
  const isJournaled = watch !== undefined || Result.isFailure(entry)
  if (isJournaled) yield* AttachmentJournal.use((journal) => journal.remove(key))
})

const forgetOne = <A, R>(
  reading: Reading<A>,
  remove: Effect.Effect<void, CacheIoError, R>
): Effect.Effect<void, CacheIoError, R> => {
  if (Result.isFailure(reading)) return reading.failure._tag === "CacheIoError" ? Effect.fail(reading.failure) : remove
  return reading.success === undefined ? Effect.void : remove
}
