/** ADD: the plugins forward, then the record; on any failure or interruption it is rolled back. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CacheRecord } from "../../domain/CacheEntry.ts"
import {
  type AttachFailure,
  type CacheIoError,
  type CacheKeyCollision,
  ConfigInvalid,
  type RollbackFailed
} from "../../domain/CniError.ts"
import * as CniResult from "../../domain/CniResult.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import type { PluginDiscovery, PluginDiscoveryError } from "../../services/PluginDiscovery.ts"
import type { PluginExec } from "../../services/PluginExec.ts"
import { Compat } from "../../services/Tunables.ts"
import * as InvokePlugin from "./invokePlugin.ts"
import { refuseCollision } from "./record.ts"
import { type Progress, rollback } from "./rollback.ts"
import type { Target } from "./target.ts"

/** Why a validated ADD failed: before anything ran, while running, or in its undo. */
export type AddChainError =
  | ConfigInvalid
  | CacheIoError
  | CacheKeyCollision
  | PluginDiscoveryError
  | AttachFailure
  | RollbackFailed

/** What ADD needs. */
export type Requirements = PluginExec | PluginDiscovery | AttachmentCache

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Attaches, or leaves nothing behind. To be called in an uninterruptible region with its `restore`: what can wait is
 * interruptible, the undo is not, and there is no moment between the end of the ADD and what the caller does next.
 */
export const addChain = Effect.fnUntraced(function*(
  target: Target,
  restore: Restore
): Effect.fn.Return<CniResult.CniResult, AddChainError, Requirements> {
  const compat = yield* Compat
  const located = yield* restore(prepare(target, compat))
  const progress: Progress = { started: [], lastResult: undefined, recording: false }
  const attaching = restore(forward(target, located, progress))
  return yield* compat === "libcni"
    ? attaching
    : Effect.catchCause(attaching, (cause) => rollback(target, progress, cause))
})

const prepare = Effect.fnUntraced(function*({ key, list }: Target, compat: "safe" | "libcni") {
  const { plugins } = list
  if (!Arr.isReadonlyArrayNonEmpty(plugins)) {
    return yield* new ConfigInvalid({
      kind: "list",
      at: "plugins",
      reason: `network "${list.name}" has no plugins to run`
    })
  }
  const checked = refuseCollision(key)
  yield* compat === "safe" ? checked : Effect.catchTag(checked, "CacheIoError", () => Effect.void)
  return yield* Effect.forEach(plugins, InvokePlugin.locate)
})

const forward = Effect.fnUntraced(function*(
  target: Target,
  [first, ...others]: Arr.NonEmptyReadonlyArray<InvokePlugin.LocatedPlugin>,
  progress: Progress
): Effect.fn.Return<CniResult.CniResult, AttachFailure, Requirements> {
  let result = yield* addOne(target, first, undefined, progress)
  for (const next of others) {
    result = yield* addOne(target, next, yield* inVersionOf(target, result), progress)
  }
  const cache = yield* AttachmentCache
  progress.recording = true
  yield* cache.put(recordOf(target, result))
  return result
})

// A plugin that answers in another version than asked must not make the next one reject the result.
const inVersionOf = Effect.fnUntraced(function*({ list }: Target, result: CniResult.CniResult) {
  const converted = CniResult.convert(result, list.cniVersion)
  if (Result.isSuccess(converted) && converted.success === result) return result
  const outcome = Result.isSuccess(converted) ? "converted it" : `passed it on as it is: ${converted.failure.message}`
  yield* Effect.logWarning(
    `a plugin of network "${list.name}" answered in version ${result.cniVersion}, not ${list.cniVersion}; ${outcome}`
  )
  return Result.getOrElse(converted, () => result)
})

const addOne = Effect.fnUntraced(function*(
  target: Target,
  next: InvokePlugin.LocatedPlugin,
  prevResult: CniResult.CniResult | undefined,
  progress: Progress
) {
  progress.started.push(next)
  const added = InvokePlugin.add(target, next, prevResult)
  // What was never started has left nothing to undo.
  progress.lastResult = yield* Effect.tapError(
    added,
    ({ _tag }) => _tag === "PluginSpawnFailed" ? Effect.sync(() => progress.started.pop()) : Effect.void
  )
  return progress.lastResult
})

const recordOf = ({ conf, key, list }: Target, result: CniResult.CniResult): CacheRecord => ({
  _tag: "CacheRecord",
  ...key,
  config: list.bytes,
  netns: conf.netns ?? "",
  cniArgs: conf.args ?? [],
  capabilityArgs: conf.capabilityArgs ?? {},
  result: result.json,
  unknown: {}
})
