/** Checks that an attachment is still as it was made. */
import * as Effect from "effect/Effect"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import { CheckNotSupported, NotAttached } from "../domain/errors/CniError.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import type { PluginDiscovery } from "../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../services/plugin/PluginExec.ts"
import type { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { Compat } from "../services/Tunables.ts"
import { resultOf } from "./attachment/restore.ts"
import { validate, type ValidatedAttachment } from "./attachment/ValidatedAttachment.ts"
import { type Session, type SessionRequirements, withAttachment } from "./guard/attachmentSession.ts"
import { tell } from "./plugin/invokePlugin.ts"

/** What CHECK needs. */
export type CheckNetworkListRequirements =
  | VersionComparison
  | PluginExec
  | PluginDiscovery
  | SessionRequirements

/**
 * Runs the network's plugins with CHECK, first to last, each given the stored result, and stops at the first that finds
 * something amiss (spec, section 4 "CHECK"). With `disableCheck` it does nothing.
 *
 * Before anything has run it fails with
 * - `InvalidRuntimeConf`, `InvalidVersion`: a name, an argument or the version cannot be used;
 * - `CheckNotSupported`: the configuration is older than 0.4.0;
 * - `LockTimeout`: another operation held the container or the network for longer than `LockWaitLimit`;
 * - `NotAttached`: there is no record of this attachment;
 * - `CacheIoError`, `CacheEntryInvalid`: its record cannot be read, or not be decoded or converted.
 *
 * Then with `PluginError` when a plugin says that something is amiss, and with `InvalidPluginType`, `PluginNotFound`,
 * `PluginNotExecutable`, `PluginSpawnFailed`, `PluginTimeout` or `PluginOutputInvalid` when one could not be asked.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const isIntact = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.checkNetworkList(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }).pipe(
 *     Effect.as(true),
 *     Effect.catchTag(["PluginError", "NotAttached"], () => Effect.succeed(false))
 *   )
 * ```
 */
export const checkNetworkList: CniVerbs<CheckNetworkListRequirements>["checkNetworkList"] = Effect.fn(
  "checkNetworkList"
)(function*(network, conf) {
  const attachment = yield* validate(network, conf)
  if (!attachment.hasCheck) {
    return yield* new CheckNotSupported({ network: network.name, cniVersion: network.cniVersion })
  }
  if (network.disableCheck) return
  yield* withAttachment(attachment.key, (session) => checkChain(session, attachment))
})

const checkChain = Effect.fnUntraced(function*({ key, record }: Session, attachment: ValidatedAttachment) {
  if (record._tag === "Unreadable") return yield* record.error
  if (record._tag === "Absent" && (yield* Compat) === "safe") return yield* new NotAttached(key)
  const result = record._tag === "Present" ? yield* resultOf(record.value, attachment) : undefined
  yield* Effect.forEach(attachment.list.plugins, (plugin) => tell("CHECK", attachment, plugin, result), {
    discard: true
  })
})

/**
 * `checkNetworkList` for one plugin, whose own name and version are those of the network. It fails as `checkNetworkList`
 * does, and with `InvalidRuntimeConf` (code 7) when the plugin has no name.
 *
 * @example
 * ```ts
 * import { Cni, type PluginConfig } from "effect-cni"
 *
 * const check = (plugin: PluginConfig.StandalonePluginConfig) =>
 *   Cni.checkNetwork(plugin, { containerId: "c1", netns: "/run/netns/c1", ifName: "lo" })
 * ```
 */
export const checkNetwork: CniVerbs<CheckNetworkListRequirements>["checkNetwork"] = Effect.fn("checkNetwork")(
  (plugin, conf) => checkNetworkList(ofPlugin(plugin), conf)
)
