/** ADD: the plugins forward, then the record; on any failure or interruption it is rolled back. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import { ConfigInvalid, VersionNotSupported } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { PluginVersions } from "../../services/plugin/PluginVersions.ts"
import { Compat } from "../../services/Tunables.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/attachmentSession.ts"
import { beginAdd, type JournalHandle, noJournal } from "../guard/journaling.ts"
import * as InvokePlugin from "../plugin/invokePlugin.ts"
import { ensureFree, lookAtNamespace, refuseFileNameOwner } from "./ensureInterfaceFree.ts"
import { type Progress, rollback } from "./rollback.ts"

/** What was attached. `entry`: as it began; `undefined` where there is no journal. */
export interface Added {
  readonly _tag: "Added"
  readonly result: CniResult.CniResult
  readonly entry: JournalEntry | undefined
}

/**
 * - `scoped`: the attachment ends with this process.
 * - `onAttached`: called when the ADD is complete, before it can be interrupted.
 */
export interface AddOptions {
  readonly scoped: boolean
  readonly onAttached: (added: Added) => void
}

/** Attaches, or leaves nothing behind: no interruption falls between a plugin's run and the promise to undo it. */
export const addChain = Effect.fnUntraced(function*(
  session: Session,
  attachment: ValidatedAttachment,
  { onAttached, scoped }: AddOptions
) {
  const plugins = yield* pluginsOf(attachment)
  if ((yield* Compat) === "libcni") return yield* addAsLibcni(session, attachment, plugins, onAttached)
  const blocked = yield* ensureFree(session, attachment)
  if (blocked !== undefined) return blocked
  yield* refuseUnspoken(attachment, plugins)
  const located = yield* Effect.forEach(plugins, InvokePlugin.locate)
  const seen = yield* lookAtNamespace(attachment)
  return yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const { entry, journal } = yield* beginAdd(attachment, { scoped, ...seen })
    const progress: Progress = { started: [], lastResult: undefined, record: undefined }
    const result = yield* restore(forward(attachment, located, progress, journal)).pipe(
      Effect.catchCause((cause) => rollback(session, attachment, { entry, journal, progress }, cause))
    )
    const added: Added = { _tag: "Added", result, entry }
    onAttached(added)
    return added
  }))
})

const addAsLibcni = Effect.fnUntraced(function*(
  session: Session,
  attachment: ValidatedAttachment,
  plugins: NonEmpty<PluginConfig>,
  onAttached: AddOptions["onAttached"]
) {
  yield* refuseFileNameOwner(session)
  const progress: Progress = { started: [], lastResult: undefined, record: undefined }
  const result = yield* forward(attachment, yield* Effect.forEach(plugins, InvokePlugin.locate), progress, noJournal)
  const added: Added = { _tag: "Added", result, entry: undefined }
  onAttached(added)
  return added
})

type NonEmpty<A> = Arr.NonEmptyReadonlyArray<A>

const pluginsOf = (
  { list: { name, plugins } }: ValidatedAttachment
): Effect.Effect<NonEmpty<PluginConfig>, ConfigInvalid> =>
  Arr.isReadonlyArrayNonEmpty(plugins)
    ? Effect.succeed(plugins)
    : Effect.fail(
      new ConfigInvalid({ kind: "list", at: "plugins", reason: `network "${name}" has no plugins to run` })
    )

// By what a plugin answered to an earlier VERSION: none is run here.
const refuseUnspoken = Effect.fnUntraced(function*({ list }: ValidatedAttachment, plugins: NonEmpty<PluginConfig>) {
  const versions = yield* PluginVersions
  const version = list.cniVersion === "" ? "0.1.0" : list.cniVersion
  for (const { type } of plugins) {
    const supported = yield* versions.remembered(type)
    if (supported === undefined || supported.supportedVersions.includes(version)) continue
    return yield* new VersionNotSupported({ plugin: type, version, supported: supported.supportedVersions })
  }
})

const forward = Effect.fnUntraced(function*(
  attachment: ValidatedAttachment,
  [first, ...others]: NonEmpty<InvokePlugin.LocatedPlugin>,
  progress: Progress,
  journal: JournalHandle
) {
  const add = Effect.fnUntraced(
    function*(next: InvokePlugin.LocatedPlugin, prevResult: CniResult.CniResult | undefined) {
      progress.started.push(next.plugin)
      const result = yield* Effect.tapErrorTag(
        InvokePlugin.add(attachment, next, prevResult, journal.started),
        "PluginSpawnFailed",
        // A plugin that never ran has left nothing to undo.
        () => Effect.sync(() => progress.started.pop())
      )
      progress.lastResult = result
      yield* journal.succeeded(result)
      return result
    }
  )
  let result = yield* add(first, undefined)
  for (const next of others) result = yield* add(next, yield* inVersionOf(attachment, result))
  progress.record = recordOf(attachment, result)
  yield* (yield* AttachmentCache).put(progress.record)
  yield* journal.attached
  return result
})

// A plugin that answers in another version than asked must not make the next one reject the result.
const inVersionOf = Effect.fnUntraced(function*({ list }: ValidatedAttachment, result: CniResult.CniResult) {
  if (result.cniVersion === list.cniVersion) return result
  const converted = CniResult.convert(result, list.cniVersion)
  if (Result.isSuccess(converted) && converted.success === result) return result
  const outcome = Result.isSuccess(converted) ? "converted it" : `passed it on as it is: ${converted.failure.message}`
  yield* Effect.logWarning(
    `a plugin of network "${list.name}" answered in version ${result.cniVersion}, not ${list.cniVersion}; ${outcome}`
  )
  return Result.getOrElse(converted, () => result)
})

const recordOf = ({ conf, key, list }: ValidatedAttachment, result: CniResult.CniResult): CacheRecord => ({
  _tag: "CacheRecord",
  ...key,
  config: list.bytes,
  netns: conf.netns ?? "",
  cniArgs: conf.args ?? [],
  capabilityArgs: conf.capabilityArgs ?? {},
  result: result.json,
  unknown: {}
})
