/** DEL: the plugins backward, then the record goes, if everything succeeded and the record is this attachment's. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type CacheIoError, DetachIncomplete } from "../../domain/CniError.ts"
import type { CniResult } from "../../domain/CniResult.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import type { PluginDiscovery } from "../../services/PluginDiscovery.ts"
import type { PluginExec } from "../../services/PluginExec.ts"
import * as InvokePlugin from "./invokePlugin.ts"
import * as Record from "./record.ts"
import { settle } from "./settle.ts"
import type { Target } from "./target.ts"

/** What DEL needs. */
export type Requirements = PluginExec | PluginDiscovery | AttachmentCache

/** Stops at the first plugin that fails, and then keeps the record: an address must not be free while still in use. */
export const delChain = Effect.fnUntraced(function*(
  target: Target
): Effect.fn.Return<void, InvokePlugin.TellError | CacheIoError, Requirements> {
  const known = yield* whatIsKnown(target)
  yield* Effect.forEach(deletions(target, known), (deletion) => deletion, { discard: true })
  yield* forget(target, known)
})

/** Asks every plugin, whatever those before it said; the record is kept when one of them failed. */
export const detachChain = Effect.fnUntraced(function*(
  target: Target
): Effect.fn.Return<void, DetachIncomplete, Requirements> {
  const known = yield* whatIsKnown(target)
  const told = yield* settle(deletions(target, known))
  const forgotten = yield* settle(told.failures.length === 0 ? [forget(target, known)] : [])
  const failures = [...told.failures, ...forgotten.failures]
  const defects = Cause.combine(told.defects, forgotten.defects)
  if (!Arr.isReadonlyArrayNonEmpty(failures)) {
    return yield* defects.reasons.length === 0 ? Effect.void : Effect.failCause(defects)
  }
  const incomplete = new DetachIncomplete({ ...target.key, failures })
  return yield* Effect.failCause(Cause.combine(Cause.fail(incomplete), defects))
})

interface Known {
  readonly prevResult: CniResult | undefined
  /** What to do about the record after the plugins succeeded: remove it, leave it, or say why it could not be read. */
  readonly record: "own" | "none" | CacheIoError
}

// A record that is damaged does not keep an attachment from being deleted.
const whatIsKnown = Effect.fnUntraced(function*(target: Target): Effect.fn.Return<Known, never, AttachmentCache> {
  const entry = yield* Effect.result(Record.readOwn(target.key))
  if (Result.isFailure(entry)) {
    const { failure } = entry
    return { prevResult: undefined, record: failure._tag === "CacheIoError" ? failure : "own" }
  }
  if (Option.isNone(entry.success)) return { prevResult: undefined, record: "none" }
  const stored = target.hasCheck
    ? yield* Effect.option(Record.resultOf(entry.success.value, target))
    : Option.none<CniResult>()
  return { prevResult: Option.getOrUndefined(stored), record: "own" }
})

const deletions = (target: Target, { prevResult }: Known) =>
  target.list.plugins.toReversed().map((plugin) => InvokePlugin.tell("DEL", target, plugin, prevResult))

const forget = Effect.fnUntraced(function*({ key }: Target, { record }: Known) {
  const cache = yield* AttachmentCache
  if (record === "none") return
  return yield* record === "own" ? cache.remove(key) : record
})
