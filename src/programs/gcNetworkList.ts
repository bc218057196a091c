/** Deletes the attachments of a network that are not to be kept, or says beforehand which those are. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../domain/attachment/AttachmentKey.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import { GcIncomplete, type PluginGc, type StaleAttachment } from "../domain/errors/CniError.ts"
import type { GcAttachment, KeepSet, Stale } from "../domain/VerbOutcomes.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { GcConcurrency } from "../services/Tunables.ts"
import { restore } from "./attachment/restore.ts"
import { validateNetwork } from "./attachment/ValidatedAttachment.ts"
import { inItsNamespace } from "./chain/chooseNamespace.ts"
import { delChain, detachChain } from "./chain/delChain.ts"
import { makePlan } from "./chain/gcPlan.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import { type Session, type SessionRequirements, withContainer, withNetwork } from "./guard/attachmentSession.ts"
import { gcGuard } from "./guard/journaling.ts"
import { tellOfNetwork } from "./plugin/invokePlugin.ts"

/** What a plan needs. */
export type PlanGcRequirements = SessionRequirements | VersionComparison

/** What GC needs. */
export type GcRequirements = DelNetworkListRequirements

/**
 * Deletes every attachment of the network that is not in the keep-set, and what operations have left there that failed or
 * died; then, from 1.1.0 on, runs each plugin with GC, so that it can drop what belongs to no attachment in the keep-set
 * (spec, section 4 "GC"). `planGc` shows beforehand what is going to be deleted. It waits for operations that are under
 * way on the network, and they wait for it; the keep-set, if it is an effect, is run in between, so that nothing attached
 * meanwhile is lost. Attachments are deleted `Tunables.GcConcurrency` at a time, never two of one container. With
 * `disableGC` it does nothing.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion`, `LockTimeout` or `CacheIoError`, and as the keep-set does, before
 * anything has run; and with `GcIncomplete` after everything has been tried and something failed.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * declare const running: Effect.Effect<ReadonlyArray<string>> // container IDs
 *
 * const clean = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.gcNetworkList(network, {
 *     keep: Effect.map(running, (ids) => ids.map((containerId) => ({ containerId, ifName: "eth0" })))
 *   })
 * ```
 */
export const gcNetworkList: CniVerbs<GcRequirements>["gcNetworkList"] = Effect.fn("gcNetworkList")(
  function*<E, R>(network: NetworkConfigList, options: { readonly keep: KeepSet<E, R> }) {
    const name = yield* validateNetwork(network)
    if (network.disableGC) return
    yield* withNetwork(name, "exclusive", collect(network, options.keep))
  }
)

const collect = Effect.fnUntraced(function*<E, R>(network: NetworkConfigList, keepSet: KeepSet<E, R>) {
  const { keep, stale } = yield* makePlan(network, keepSet)
  const failures = [...(yield* deleteStale(stale)), ...(yield* collectInPlugins(network, keep))]
  if (Arr.isReadonlyArrayNonEmpty(failures)) return yield* new GcIncomplete({ network: network.name, failures })
})

const deleteStale = Effect.fnUntraced(function*(stale: ReadonlyArray<Stale>) {
  const concurrency = yield* GcConcurrency
  // One group a container, so that no two of its attachments are deleted at once; in order where there is no "at once".
  const groups = concurrency === 1 ? [stale] : Object.values(Arr.groupBy(stale, ({ containerId }) => containerId))
  const failures = yield* Effect.forEach(groups, (group) => Effect.forEach(group, deleteOne), {
    concurrency
  })
  return failures.flat(2)
})

const deleteOne = Effect.fnUntraced(function*(one: Stale) {
  const { containerId, ifName } = one
  const deleted = yield* Effect.result(withContainer(AttachmentKey.of(one), (session) => deleteIn(session, one)))
  if (Result.isSuccess(deleted)) return []
  const { failure } = deleted
  const errors = failure._tag === "DetachIncomplete" ? failure.failures : [failure]
  return errors.map((error): StaleAttachment => ({ _tag: "StaleAttachment", containerId, ifName, error }))
})

// An attachment that is left half-way is deleted as far as it goes, one that is up as DEL does it.
const deleteIn = Effect.fnUntraced(function*(session: Session, { entry, list, reason, record }: Stale) {
  const stored = yield* restore(entry ?? record, list)
  const attachment = yield* inItsNamespace(session, stored, { isAsked: false })
  yield* reason === "unwanted"
    ? delChain(session, attachment, { asksAgain: true })
    : detachChain(session, attachment)
})

const collectInPlugins = Effect.fnUntraced(function*(network: NetworkConfigList, keep: ReadonlyArray<GcAttachment>) {
  if (!(yield* (yield* VersionComparison).isAtLeast(network.cniVersion, "1.1.0"))) return []
  const attachments = keep.map(({ containerId, ifName }) => ({ containerID: containerId, ifname: ifName }))
  // The specification first had another name for the same member.
  const members = { "cni.dev/valid-attachments": attachments, "cni.dev/attachments": attachments }
  const told = yield* gcGuard(
    network,
    (started) =>
      Effect.forEach(network.plugins, (plugin) =>
        Effect.map(
          Effect.result(tellOfNetwork("GC", network, plugin, members, started)),
          (result) => ({ plugin, result })
        ))
  )
  return told.flatMap(({ plugin, result }): ReadonlyArray<PluginGc> =>
    Result.isFailure(result) ? [{ _tag: "PluginGc", plugin: plugin.type, error: result.failure }] : []
  )
})

/**
 * What `gcNetworkList` would do with the same arguments (spec, section 4 "GC"): every attachment of the network that is
 * not in the keep-set is stale, and so is what an operation has left there that failed or died. A stale attachment is
 * deleted by the chain that it was made with; the given one is used only where nothing usable is stored. What another
 * machine has attached by a shared cache is never stale. With `disableGC` nothing is stale. While it looks, no other
 * operation runs on the network.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion` or `LockTimeout` before anything is read, with `CacheIoError` when the
 * cache or the journal cannot be listed, and as the keep-set does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const staleContainers = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.planGc(network, { keep: [{ containerId: "c1", ifName: "eth0" }] }).pipe(
 *     Effect.map(({ stale }) => stale.map(({ containerId }) => containerId))
 *   )
 * ```
 */
export const planGc: CniVerbs<PlanGcRequirements>["planGc"] = Effect.fn("planGc")(
  function*<E, R>(network: NetworkConfigList, options: { readonly keep: KeepSet<E, R> }) {
    const name = yield* validateNetwork(network)
    if (network.disableGC) return { keep: [], stale: [] }
    return yield* withNetwork(name, "exclusive", makePlan(network, options.keep))
  }
)
