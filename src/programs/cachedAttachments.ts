/** Looks up what is stored of attachments. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CacheEntry } from "../domain/attachment/CacheEntry.ts"
import { type RuntimeConf, validateContainerId } from "../domain/attachment/RuntimeConf.ts"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import { CacheEntryInvalid, CacheKindMismatch } from "../domain/errors/CniError.ts"
import type { CachedConfig } from "../domain/VerbOutcomes.ts"
import { AttachmentCache } from "../services/attachment/AttachmentCache.ts"
import type { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { readRecord } from "./attachment/lookUp.ts"
import { resultOf } from "./attachment/restore.ts"
import { validateNames } from "./attachment/ValidatedAttachment.ts"

type Verbs = CniVerbs<AttachmentCache | AttachmentJournal>

/**
 * The records of all attachments, or of one container's, ordered by file name. Files that cannot be read, are of another
 * kind or name no attachment are left out, and for one container those whose name does not have its ID in it.
 *
 * Fails with `InvalidRuntimeConf` for a container ID that can be none, and with `CacheIoError` when the cache cannot be
 * listed.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const networksOf = (containerId: string) =>
 *   Effect.map(Cni.getCachedAttachments({ containerId }), (records) => records.map(({ network }) => network))
 * ```
 */
export const getCachedAttachments: Verbs["getCachedAttachments"] = Effect.fn("getCachedAttachments")(
  function*(filter = {}) {
    const { containerId } = filter
    if (containerId !== undefined) yield* Effect.fromResult(validateContainerId(containerId))
    return yield* (yield* AttachmentCache).list(containerId)
  }
)

/**
 * The stored configuration of an attachment and its parameters: the caller's, with the stored `args` (if there are any)
 * and the stored `capabilityArgs`; none where nothing is stored.
 *
 * Fails with `InvalidRuntimeConf` before the cache is read, then with `CacheIoError` or
 * `CacheEntryInvalid` when the record cannot be read or decoded, and with `CacheKindMismatch` when it is from before
 * configurations were stored.
 *
 * @example
 * ```ts
 * import { Effect, Option } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const argsOf = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.getNetworkListCachedConfig(network, { containerId: "c1", ifName: "eth0" }).pipe(
 *     Effect.map(Option.map(({ conf }) => conf.args ?? []))
 *   )
 * ```
 */
export const getNetworkListCachedConfig: Verbs["getNetworkListCachedConfig"] = Effect.fn("getNetworkListCachedConfig")(
  function*(network, conf) {
    const { key } = yield* validateNames(network, conf)
    const path = (yield* AttachmentCache).pathOf(key)
    const entry = yield* Effect.catchTag(
      readRecord(key),
      "CacheEntryInvalid",
      ({ issue }) => undecoded({ network: key.network, path, issue })
    )
    return yield* Effect.transposeOption(
      Option.map(entry, (own) => configOf(own, conf, { network: key.network, path }))
    )
  }
)

/** {@link getNetworkListCachedConfig} for what one plugin attached. */
export const getNetworkCachedConfig: Verbs["getNetworkCachedConfig"] = Effect.fn("getNetworkCachedConfig")((
  plugin,
  conf
) => getNetworkListCachedConfig(ofPlugin(plugin), conf))

const configOf = (
  entry: CacheEntry,
  conf: RuntimeConf,
  where: { readonly network: string; readonly path: string }
): Effect.Effect<CachedConfig, CacheEntryInvalid | CacheKindMismatch> => {
  if (entry._tag === "CacheRecord") {
    const { capabilityArgs, cniArgs, config } = entry
    const args = cniArgs.length === 0 ? conf.args ?? [] : cniArgs
    return Effect.succeed({ config, conf: { ...conf, args, capabilityArgs } })
  }
  return Effect.fail(
    entry.issue === undefined
      ? new CacheKindMismatch({ ...where, kind: entry.kind })
      : undecoded({ ...where, issue: entry.issue })
  )
}

const undecoded = (where: { readonly network: string; readonly path: string; readonly issue: string }) =>
  new CacheEntryInvalid({ ...where, decoding: "config" })

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
export const getNetworkListCachedResult: Verbs["getNetworkListCachedResult"] = Effect.fn("getNetworkListCachedResult")(
  function*(network, conf) {
    const attachment = yield* validateNames(network, conf)
    const entry = yield* readRecord(attachment.key)
    return yield* Effect.transposeOption(Option.map(entry, (own) => resultOf(own, attachment)))
  }
)

/** {@link getNetworkListCachedResult} for what one plugin attached. */
export const getNetworkCachedResult: Verbs["getNetworkCachedResult"] = Effect.fn("getNetworkCachedResult")((
  plugin,
  conf
) => getNetworkListCachedResult(ofPlugin(plugin), conf))
