/** Asks the plugins of a network whether they are ready. */
import * as Effect from "effect/Effect"
import { validateNetworkName } from "../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { PluginConfig } from "../domain/config/PluginConfig.ts"
import type { PluginError } from "../domain/errors/CniError.ts"
import type { PluginStatus } from "../domain/VerbOutcomes.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import type { PluginDiscovery } from "../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../services/plugin/PluginExec.ts"
import { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { tellOfNetwork } from "./plugin/invokePlugin.ts"

/** What STATUS needs. */
export type StatusRequirements = VersionComparison | PluginExec | PluginDiscovery

/**
 * Runs the network's plugins with STATUS, first to last, and stops at the first that is not ready (spec, section 4
 * "STATUS"). Below 1.1.0, which had no such command, it does nothing: `networkStatus` tells the difference.
 *
 * Fails with `PluginError` when a plugin is not ready (code 50), or only for what is attached already (51); with
 * `InvalidRuntimeConf` or `InvalidVersion` before any has run; with `InvalidPluginType`, `PluginNotFound`,
 * `PluginNotExecutable`, `PluginSpawnFailed`, `PluginTimeout` (default 10 s) or `PluginOutputInvalid` when one could not
 * be asked.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const isReady = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.getStatusNetworkList(network).pipe(
 *     Effect.as(true),
 *     Effect.catchTag("PluginError", () => Effect.succeed(false))
 *   )
 * ```
 */
export const getStatusNetworkList: CniVerbs<StatusRequirements>["getStatusNetworkList"] = Effect.fn(
  "getStatusNetworkList"
)(function*(network) {
  if (!(yield* hasStatus(network))) return
  yield* Effect.forEach(network.plugins, (plugin) => tellOfNetwork("STATUS", network, plugin, {}), { discard: true })
})

/** Whether the network's version has STATUS. */
export const hasStatus = Effect.fnUntraced(function*({ cniVersion, name }: NetworkConfigList) {
  yield* Effect.fromResult(validateNetworkName(name))
  return yield* (yield* VersionComparison).isAtLeast(cniVersion, "1.1.0")
})

/**
 * Asks every plugin of the network with STATUS (spec, section 4 "STATUS"), also after one has failed.
 *
 * Fails with `PluginError` when a plugin refuses for another reason than its state, and else as `getStatusNetworkList`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const unready = (network: NetworkConfigList.NetworkConfigList) =>
 *   Effect.map(Cni.networkStatus(network), (plugins) => plugins.filter(({ _tag }) => _tag === "NotReady"))
 * ```
 */
export const networkStatus: CniVerbs<StatusRequirements>["networkStatus"] = Effect.fn("networkStatus")(
  function*(network) {
    const isSupported = yield* hasStatus(network)
    return yield* Effect.forEach(
      network.plugins,
      (plugin) => isSupported ? statusOf(network, plugin) : Effect.succeed(unsupported(plugin))
    )
  }
)

const unsupported = ({ type }: PluginConfig): PluginStatus => ({ _tag: "Unsupported", plugin: type })

const statusOf = (network: NetworkConfigList, plugin: PluginConfig) =>
  tellOfNetwork("STATUS", network, plugin, {}).pipe(
    Effect.as<PluginStatus>({ _tag: "Ready", plugin: plugin.type }),
    Effect.catchTag("PluginError", (error): Effect.Effect<PluginStatus, PluginError> => {
      if (error.code === 50) return Effect.succeed({ _tag: "NotReady", plugin: plugin.type, error })
      if (error.code === 51) return Effect.succeed({ _tag: "Limited", plugin: plugin.type, error })
      return hasNoStatus(error) ? Effect.succeed(unsupported(plugin)) : Effect.fail(error)
    })
  )

// Plugins that are older than STATUS want a container ID for every command but VERSION.
const hasNoStatus = ({ msg }: PluginError): boolean =>
  msg === "unknown CNI_COMMAND: STATUS" || msg === "missing containerID"
