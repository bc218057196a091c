/** Looks up the result of an attachment. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import { type NetworkConfigList, ofPlugin } from "../domain/config/NetworkConfigList.ts"
import type { StandalonePluginConfig } from "../domain/config/PluginConfig.ts"
import type { CacheEntryInvalid, CacheIoError, InvalidRuntimeConf } from "../domain/errors/CniError.ts"
import type { CniResult } from "../domain/result/CniResult.ts"
import type { AttachmentCache } from "../services/attachment/AttachmentCache.ts"
import type { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import { storedResult } from "./attachment/record.ts"
import { validateNames } from "./attachment/target.ts"

/** Why a result could not be looked up. */
export type CachedResultError = InvalidRuntimeConf | CacheIoError | CacheEntryInvalid

/**
 * The stored result of an attachment, in the version of the network's configuration; none where nothing is stored.
 *
 * Fails with `InvalidRuntimeConf` before the cache is read, then with `CacheIoError`
 * or `CacheEntryInvalid` when the record cannot be read, or not be decoded or converted.
 *
 * @example
 * ```ts
 * import { Effect, Option } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const addressOf = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.getNetworkListCachedResult(network, { containerId: "c1", ifName: "eth0" }).pipe(
 *     Effect.map(Option.map((result) => result.ips[0]?.address))
 *   )
 * ```
 */
export const getNetworkListCachedResult: (
  network: NetworkConfigList,
  conf: RuntimeConf
) => Effect.Effect<Option.Option<CniResult>, CachedResultError, AttachmentCache | AttachmentJournal> = Effect.fn(
  "getNetworkListCachedResult"
)(function*(network, conf) {
  return yield* storedResult(yield* validateNames(network, conf))
})

/** {@link getNetworkListCachedResult} for what one plugin attached. */
export const getNetworkCachedResult: (
  plugin: StandalonePluginConfig,
  conf: RuntimeConf
) => Effect.Effect<Option.Option<CniResult>, CachedResultError, AttachmentCache | AttachmentJournal> = Effect.fn(
  "getNetworkCachedResult"
)((plugin, conf) => getNetworkListCachedResult(ofPlugin(plugin), conf))
