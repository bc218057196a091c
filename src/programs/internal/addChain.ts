/** ADD and its undo: the plugins forward, the record, and on any failure or interruption the plugins backward. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { CacheRecord } from "../../domain/CacheEntry.ts"
import {
  type AttachFailure,
  type CacheIoError,
  type CacheKeyCollision,
  ConfigInvalid,
  type DetachFailure,
  RollbackFailed
} from "../../domain/CniError.ts"
import * as CniResult from "../../domain/CniResult.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import type { PluginDiscovery, PluginDiscoveryError } from "../../services/PluginDiscovery.ts"
import type { PluginExec } from "../../services/PluginExec.ts"
import { Compat, PluginTimeLimit, RollbackTimeLimit } from "../../services/Tunables.ts"
import * as InvokePlugin from "./invokePlugin.ts"
import { refuseCollision } from "./record.ts"
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
  return yield* compat === "libcni" ? attaching : Effect.catchCause(attaching, (cause) => undo(target, progress, cause))
})

interface Progress {
  readonly started: Array<InvokePlugin.LocatedPlugin>
  lastResult: CniResult.CniResult | undefined
  recording: boolean
}

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
  progress.lastResult = yield* InvokePlugin.add(target, next, prevResult)
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

const leastShareMs = 1000

const undo = Effect.fnUntraced(function*(
  target: Target,
  progress: Progress,
  cause: Cause.Cause<AttachFailure>
): Effect.fn.Return<never, AttachFailure | RollbackFailed, Requirements> {
  const failures = yield* backward(target, progress)
  if (!Arr.isReadonlyArrayNonEmpty(failures)) return yield* Effect.failCause(cause)
  const first = Cause.findErrorOption(cause)
  const failed = new RollbackFailed({
    ...target.key,
    failures,
    ...(Option.isSome(first) ? { cause: first.value } : {})
  })
  // An interruption and a defect stay what they are; a failure is inside of RollbackFailed.
  return yield* Option.isSome(first) ? failed : Effect.failCause(Cause.combine(cause, Cause.fail(failed)))
}, Effect.withSpan("rollback"))

const backward = Effect.fnUntraced(function*(
  target: Target,
  { lastResult, recording, started }: Progress
): Effect.fn.Return<ReadonlyArray<DetachFailure>, never, Requirements> {
  const cache = yield* AttachmentCache
  const limitOf = yield* PluginTimeLimit
  const budgetMs = Duration.toMillis(yield* RollbackTimeLimit)
  const deadline = (yield* Clock.currentTimeMillis) + budgetMs
  const prevResult = target.hasCheck && lastResult
    ? Result.getOrElse(CniResult.convert(lastResult, target.list.cniVersion), () => undefined)
    : undefined
  const failures: Array<DetachFailure> = []
  for (const [index, { plugin }] of started.toReversed().entries()) {
    // A plugin that hangs takes its share of the time, not that of those before it; none is asked without any.
    const shareMs = Math.max(leastShareMs, (deadline - (yield* Clock.currentTimeMillis)) / (started.length - index))
    const timeLimitMs = Math.ceil(Math.min(shareMs, Duration.toMillis(limitOf("DEL"))))
    const told = yield* Effect.result(InvokePlugin.tell("DEL", target, plugin, prevResult, timeLimitMs))
    if (Result.isFailure(told)) failures.push(told.failure)
  }
  if (failures.length === 0 && recording) {
    const removed = yield* Effect.result(cache.remove(target.key))
    if (Result.isFailure(removed)) failures.push(removed.failure)
  }
  return failures
})
