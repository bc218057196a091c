/** Says what a GC of a network would delete. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CacheRecord } from "../domain/CacheEntry.ts"
import type { CacheIoError, InvalidRuntimeConf, InvalidVersion } from "../domain/CniError.ts"
import * as NetworkConfigList from "../domain/NetworkConfigList.ts"
import * as PluginConfig from "../domain/PluginConfig.ts"
import { validateNetworkName } from "../domain/RuntimeConf.ts"
import { AttachmentCache } from "../services/AttachmentCache.ts"
import { VersionComparison } from "../services/VersionComparison.ts"

/** An attachment that must survive a GC. */
export interface GcAttachment {
  readonly containerId: string
  readonly ifName: string
}

/** The attachments that must survive, or how to find out; it is found out when everything else is known. */
export type KeepSet<E = never, R = never> =
  | ReadonlyArray<GcAttachment>
  | Effect.Effect<ReadonlyArray<GcAttachment>, E, R>

/** What a GC would do: `stale` are the records to delete, each with the configuration that its DEL is given. */
export interface GcPlan {
  readonly keep: ReadonlyArray<GcAttachment>
  readonly stale: ReadonlyArray<{ readonly record: CacheRecord; readonly list: NetworkConfigList.NetworkConfigList }>
}

/** Why there is no plan, apart from what the keep-set says. */
export type PlanGcError = InvalidRuntimeConf | InvalidVersion | CacheIoError

/**
 * What `gcNetworkList` would do with the same arguments: every stored attachment of the network that is not in the
 * keep-set is stale (spec, section 4 "GC"). A stale attachment is deleted by the configuration that it was made with;
 * the given one is used only where nothing usable is stored. With `disableGC` nothing is stale.
 *
 * Fails with `InvalidRuntimeConf` or `InvalidVersion` before anything is read, with `CacheIoError` when the cache cannot
 * be listed, and as the keep-set does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const staleContainers = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.planGc(network, { keep: [{ containerId: "c1", ifName: "eth0" }] }).pipe(
 *     Effect.map(({ stale }) => stale.map(({ record }) => record.containerId))
 *   )
 * ```
 */
export const planGc: <E = never, R = never>(
  network: NetworkConfigList.NetworkConfigList,
  options: { readonly keep: KeepSet<E, R> }
) => Effect.Effect<GcPlan, PlanGcError | E, AttachmentCache | VersionComparison | R> = Effect.fn("planGc")(
  function*<E, R>(
    network: NetworkConfigList.NetworkConfigList,
    options: { readonly keep: KeepSet<E, R> }
  ): Effect.fn.Return<GcPlan, PlanGcError | E, AttachmentCache | VersionComparison | R> {
    const name = yield* Effect.fromResult(validateNetworkName(network.name))
    yield* (yield* VersionComparison).parse(network.cniVersion)
    if (network.disableGC) return { keep: [], stale: [] }
    // In this order: what is attached after the listing is not in it, so that it cannot be taken for stale.
    const records = yield* (yield* AttachmentCache).list()
    const keep = Effect.isEffect(options.keep) ? yield* options.keep : options.keep
    const isKept = ({ containerId, ifName }: CacheRecord) =>
      keep.some((kept) => kept.containerId === containerId && kept.ifName === ifName)
    const stale = records.filter((record) => record.network === name && !isKept(record))
    return {
      keep,
      stale: yield* Effect.forEach(
        stale,
        (record) => Effect.map(listFor(record, network), (list) => ({ record, list }))
      )
    }
  }
)

const listFor = Effect.fnUntraced(function*({ config }: CacheRecord, given: NetworkConfigList.NetworkConfigList) {
  // What is stored is the list's own text: only the given one has the drop-ins.
  if (equalBytes(config, given.bytes)) return given
  const versions = yield* VersionComparison
  const stored = yield* Effect.result(NetworkConfigList.fromBytes(config))
  const single = yield* Effect.result(Effect.map(PluginConfig.fromBytes(config), NetworkConfigList.ofPlugin))
  const candidates = [stored, single].filter(Result.isSuccess).map(({ success }) => success)
  for (const list of candidates) {
    const isUsable = list.name === given.name && list.plugins.length > 0
    if (isUsable && Result.isSuccess(yield* Effect.result(versions.parse(list.cniVersion)))) return list
  }
  return given
})

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.byteLength === right.byteLength && left.every((byte, at) => byte === right[at])
