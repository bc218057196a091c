/** Detaches a container from a network, up to the first plugin that fails. */
import * as Effect from "effect/Effect"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import type { NetworkNamespaces } from "../services/network/NetworkNamespaces.ts"
import type { PluginDiscovery } from "../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../services/plugin/PluginExec.ts"
import type { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { validate } from "./attachment/ValidatedAttachment.ts"
import { fillFromStored } from "./chain/completeDelete.ts"
import { delChain } from "./chain/delChain.ts"
import { type SessionRequirements, withAttachment } from "./guard/attachmentSession.ts"

/** What DEL needs. */
export type DelNetworkListRequirements =
  | SessionRequirements
  | PluginExec
  | PluginDiscovery
  | NetworkNamespaces
  | VersionComparison

/**
 * Runs the network's plugins with DEL, last to first, each given the stored result, then forgets the attachment (spec,
 * section 4 "DEL"). What is not attached, or was detached before, is detached once more, which plugins allow. At the
 * first plugin that fails it stops and keeps the record, so that it can be run again; `detach` goes on.
 *
 * The plugins get what the ADD was given: each capability argument that `conf` does not have, and CNI_ARGS and the
 * namespace where it has none. A plugin that was removed from the configuration since is run as well; where it is not
 * installed any more, a warning is logged. Where the path names another namespace than the one that was attached, or none,
 * the plugins get no namespace, so that they do not delete the interface of another container.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion` or `LockTimeout` before anything has run; with `AttachedElsewhere`
 * when nothing is stored of the attachment, and another network has the interface in that namespace; with `PluginError` when a
 * plugin says no; with `InvalidPluginType`, `PluginNotFound`, `PluginNotExecutable`, `PluginSpawnFailed`, `PluginTimeout` or
 * `PluginOutputInvalid` when one could not be asked; with `CacheIoError` when there is no place for
 * its locks, or when the plugins succeeded but what is stored could not be read or removed.
 *
 * @example
 * ```ts
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const detach = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.delNetworkList(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" })
 * ```
 */
export const delNetworkList: CniVerbs<DelNetworkListRequirements>["delNetworkList"] = Effect.fn("delNetworkList")(
  function*(network, conf) {
    const given = yield* validate(network, conf)
    yield* withAttachment(
      given.key,
      Effect.fnUntraced(function*(session) {
        const { attachment, storedOnly } = yield* fillFromStored(session, given)
        yield* delChain(session, attachment, { optional: storedOnly })
      })
    )
  }
)

/**
 * `delNetworkList` for one plugin, whose own name and version are those of the network. It fails as `delNetworkList`
 * does, and with `InvalidRuntimeConf` (code 7) when the plugin has no name.
 *
 * @example
 * ```ts
 * import { Cni, type PluginConfig } from "effect-cni"
 *
 * const detach = (plugin: PluginConfig.StandalonePluginConfig) =>
 *   Cni.delNetwork(plugin, { containerId: "c1", netns: "/run/netns/c1", ifName: "lo" })
 * ```
 */
export const delNetwork: CniVerbs<DelNetworkListRequirements>["delNetwork"] = Effect.fn("delNetwork")(
  (plugin, conf) => delNetworkList(ofPlugin(plugin), conf)
)
