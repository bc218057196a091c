/** Cleans a network of what nobody needs any more. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CacheRecord } from "../domain/CacheEntry.ts"
import { GcIncomplete, type PluginGc, type StaleAttachment } from "../domain/CniError.ts"
import type { NetworkConfigList } from "../domain/NetworkConfigList.ts"
import type { AttachmentCache } from "../services/AttachmentCache.ts"
import type { PluginDiscovery } from "../services/PluginDiscovery.ts"
import type { PluginExec } from "../services/PluginExec.ts"
import { GcConcurrency } from "../services/Tunables.ts"
import { VersionComparison } from "../services/VersionComparison.ts"
import { delChain } from "./internal/delChain.ts"
import { tellOfNetwork } from "./internal/invokePlugin.ts"
import type { Target } from "./internal/target.ts"
import { type GcAttachment, type GcPlan, type KeepSet, planGc, type PlanGcError } from "./planGc.ts"

/** What GC needs. */
export type GcRequirements = AttachmentCache | VersionComparison | PluginExec | PluginDiscovery

/**
 * Deletes every stored attachment of the network that is not in the keep-set, then, from 1.1.0 on, runs each plugin with
 * GC, so that it can drop what belongs to no attachment in the keep-set (spec, section 4 "GC"). `planGc` shows beforehand
 * what is going to be deleted. Attachments are deleted `Tunables.GcConcurrency` at a time, never two of one container.
 * With `disableGC` it does nothing.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion` or `CacheIoError`, and as the keep-set does, before anything has
 * run; and with `GcIncomplete` after everything has been tried and something failed.
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
export const gcNetworkList: <E = never, R = never>(
  network: NetworkConfigList,
  options: { readonly keep: KeepSet<E, R> }
) => Effect.Effect<void, PlanGcError | GcIncomplete | E, GcRequirements | R> = Effect.fn("gcNetworkList")(
  function*<E, R>(
    network: NetworkConfigList,
    options: { readonly keep: KeepSet<E, R> }
  ): Effect.fn.Return<void, PlanGcError | GcIncomplete | E, GcRequirements | R> {
    const plan = yield* planGc(network, options)
    if (network.disableGC) return
    const failures = [...(yield* deleteStale(plan.stale)), ...(yield* collectInPlugins(network, plan.keep))]
    if (Arr.isReadonlyArrayNonEmpty(failures)) return yield* new GcIncomplete({ network: network.name, failures })
  }
)

type Stale = GcPlan["stale"][0]

const deleteStale = Effect.fnUntraced(function*(stale: GcPlan["stale"]) {
  const concurrency = yield* GcConcurrency
  // One group a container, so that no two of its attachments are deleted at once; in order where there is no "at once".
  const groups = concurrency === 1 ? [stale] : Object.values(Arr.groupBy(stale, ({ record }) => record.containerId))
  const failures = yield* Effect.forEach(groups, (group) => Effect.forEach(group, deleteOne), { concurrency })
  return failures.flat(2)
})

const deleteOne = Effect.fnUntraced(function*({ list, record }: Stale) {
  const { containerId, ifName } = record
  const deleted = yield* Effect.result(Effect.flatMap(targetOf(list, record), delChain))
  const failures: ReadonlyArray<StaleAttachment> = Result.isSuccess(deleted)
    ? []
    : [{ _tag: "StaleAttachment", containerId, ifName, error: deleted.failure }]
  return failures
})

// What is stored is used as it is stored, so that what another runtime attached can be deleted.
const targetOf = Effect.fnUntraced(function*(list: NetworkConfigList, record: CacheRecord) {
  const { capabilityArgs, cniArgs, containerId, ifName, netns, network } = record
  const hasCheck = yield* (yield* VersionComparison).isAtLeast(list.cniVersion, "0.4.0")
  const conf = { containerId, ifName, netns, args: cniArgs, capabilityArgs }
  return { list, conf, key: { network, containerId, ifName }, hasCheck } satisfies Target
})

const collectInPlugins = Effect.fnUntraced(function*(network: NetworkConfigList, keep: ReadonlyArray<GcAttachment>) {
  if (!(yield* (yield* VersionComparison).isAtLeast(network.cniVersion, "1.1.0"))) return []
  const attachments = keep.map(({ containerId, ifName }) => ({ containerID: containerId, ifname: ifName }))
  // The specification first had another name for the same member.
  const members = { "cni.dev/valid-attachments": attachments, "cni.dev/attachments": attachments }
  const told = yield* Effect.forEach(
    network.plugins,
    (plugin) =>
      Effect.map(Effect.result(tellOfNetwork("GC", network, plugin, members)), (result) => ({ plugin, result }))
  )
  return told.flatMap(({ plugin, result }): ReadonlyArray<PluginGc> =>
    Result.isFailure(result) ? [{ _tag: "PluginGc", plugin: plugin.type, error: result.failure }] : []
  )
})
