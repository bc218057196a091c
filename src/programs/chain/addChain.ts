/** ADD: the plugins forward, then the record; on any failure or interruption it is rolled back. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import {
  type AttachFailure,
  ConfigInvalid,
  type RollbackFailed,
  VersionNotSupported
} from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import type { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import type { PluginDiscovery, PluginDiscoveryError } from "../../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../../services/plugin/PluginExec.ts"
import { PluginVersions } from "../../services/plugin/PluginVersions.ts"
import { Compat } from "../../services/Tunables.ts"
import { refuseCollision } from "../attachment/record.ts"
import type { Target } from "../attachment/target.ts"
import type { ContainerEntries } from "../guard/collecting.ts"
import * as Journaling from "../guard/journaling.ts"
import type { Restore } from "../guard/locking.ts"
import * as InvokePlugin from "../plugin/invokePlugin.ts"
import type { Requirements as FinishRequirements } from "./finish.ts"
import { lookAtNamespace, type LookError } from "./lookAtNamespace.ts"
import { makeRoom, type MakeRoomError } from "./makeRoom.ts"
import { type Progress, rollback, type Steps } from "./rollback.ts"

/** Why a validated ADD failed: before anything ran, while running, or in its undo. */
export type AddChainError =
  | ConfigInvalid
  | MakeRoomError
  | LookError
  | VersionNotSupported
  | PluginDiscoveryError
  | AttachFailure
  | RollbackFailed

/** What ADD needs, with its locks held. */
export type Requirements = FinishRequirements | PluginVersions

/** What takes the interface and is to be finished first, on another network. */
export interface LeftElsewhere {
  readonly _tag: "LeftElsewhere"
  readonly key: AttachmentKey
}

/** What was attached, with its journal entry as it began, where there is one. */
export interface Added {
  readonly _tag: "Added"
  readonly result: CniResult.CniResult
  readonly entry: JournalEntry | undefined
}

/**
 * Attaches, or leaves nothing behind. To be called in an uninterruptible region with its `restore`: what can wait is
 * interruptible, the undo is not, and there is no moment between the end of the ADD and what the caller does next.
 */
export const addChain = Effect.fnUntraced(function*(
  target: Target,
  entries: ContainerEntries,
  { restore, scoped }: { readonly restore: Restore; readonly scoped: boolean }
): Effect.fn.Return<Added | LeftElsewhere, AddChainError, Requirements> {
  if ((yield* Compat) === "libcni") return yield* restore(addAsLibcni(target))
  const plugins = yield* pluginsOf(target)
  const elsewhere = yield* restore(makeRoom(target, entries))
  if (elsewhere !== undefined) return { _tag: "LeftElsewhere", key: elsewhere }
  const located = yield* restore(Effect.andThen(refuseUnspoken(target, plugins), locateAll(plugins)))
  const seen = yield* restore(lookAtNamespace(target))
  const entry = yield* Journaling.beginAdd(target, { scoped, ...seen })
  const progress: Progress = { entry, started: [], lastResult: undefined, recording: false }
  const watch = yield* Journaling.watching(target.key)
  const result = yield* restore(forward(target, located, progress, watch)).pipe(
    Effect.catchCause((cause) => rollback(target, progress, cause))
  )
  return { _tag: "Added", result, entry }
})

const addAsLibcni = Effect.fnUntraced(function*(target: Target) {
  const plugins = yield* pluginsOf(target)
  // libcni would overwrite what it cannot read, too.
  yield* Effect.catchTag(refuseCollision(target.key), "CacheIoError", () => Effect.void)
  const progress: Steps = { started: [], lastResult: undefined, recording: false }
  const result = yield* forward(target, yield* locateAll(plugins), progress, undefined)
  return { _tag: "Added", result, entry: undefined } satisfies Added
})

type NonEmpty<A> = Arr.NonEmptyReadonlyArray<A>

const pluginsOf = ({ list: { name, plugins } }: Target): Effect.Effect<NonEmpty<PluginConfig>, ConfigInvalid> =>
  Arr.isReadonlyArrayNonEmpty(plugins)
    ? Effect.succeed(plugins)
    : Effect.fail(
      new ConfigInvalid({ kind: "list", at: "plugins", reason: `network "${name}" has no plugins to run` })
    )

// What a plugin said to an earlier VERSION is known without running it.
const refuseUnspoken = Effect.fnUntraced(function*({ list }: Target, plugins: NonEmpty<PluginConfig>) {
  const versions = yield* PluginVersions
  const version = list.cniVersion === "" ? "0.1.0" : list.cniVersion
  for (const { type } of plugins) {
    const supported = yield* versions.remembered(type)
    if (supported === undefined || supported.supportedVersions.includes(version)) continue
    return yield* new VersionNotSupported({ plugin: type, version, supported: supported.supportedVersions })
  }
})

const locateAll = (plugins: NonEmpty<PluginConfig>) => Effect.forEach(plugins, InvokePlugin.locate)

const forward = Effect.fnUntraced(function*(
  target: Target,
  [first, ...others]: NonEmpty<InvokePlugin.LocatedPlugin>,
  progress: Steps,
  watch: InvokePlugin.Watch | undefined
): Effect.fn.Return<
  CniResult.CniResult,
  AttachFailure,
  PluginExec | PluginDiscovery | AttachmentCache | AttachmentJournal
> {
  const isJournaled = watch !== undefined
  let result = yield* addOne(target, first, undefined, progress, watch)
  for (const next of others) {
    const prevResult = result.cniVersion === target.list.cniVersion ? result : yield* inVersionOf(target, result)
    result = yield* addOne(target, next, prevResult, progress, watch)
  }
  const cache = yield* AttachmentCache
  progress.recording = true
  yield* cache.put(recordOf(target, result))
  if (isJournaled) yield* Journaling.attached(target.key)
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
  progress: Steps,
  watch: InvokePlugin.Watch | undefined
) {
  progress.started.push(next)
  const added = InvokePlugin.add(target, next, prevResult, watch)
  // What was never started has left nothing to undo.
  const result = yield* Effect.tapError(
    added,
    ({ _tag }) => _tag === "PluginSpawnFailed" ? Effect.sync(() => progress.started.pop()) : Effect.void
  )
  progress.lastResult = result
  if (watch !== undefined) yield* Journaling.succeeded(target.key, result)
  return result
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
