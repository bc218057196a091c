/** Asks whether a network is ready to attach containers. */
import * as Effect from "effect/Effect"
import { validateNetworkName } from "../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { InvalidRuntimeConf, InvalidVersion } from "../domain/errors/CniError.ts"
import type { PluginDiscovery } from "../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../services/plugin/PluginExec.ts"
import { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { type TellError, tellOfNetwork } from "./plugin/invokePlugin.ts"

/** Why a network is not ready, or could not be asked. */
export type StatusError = InvalidRuntimeConf | InvalidVersion | TellError

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
export const getStatusNetworkList: (
  network: NetworkConfigList
) => Effect.Effect<void, StatusError, StatusRequirements> = Effect.fn("getStatusNetworkList")(
  function*(network) {
    if (!(yield* hasStatus(network))) return
    yield* Effect.forEach(network.plugins, (plugin) => tellOfNetwork("STATUS", network, plugin, {}), { discard: true })
  }
)

/** Whether the network's version has STATUS. */
export const hasStatus = Effect.fnUntraced(function*({ cniVersion, name }: NetworkConfigList) {
  yield* Effect.fromResult(validateNetworkName(name))
  return yield* (yield* VersionComparison).isAtLeast(cniVersion, "1.1.0")
})
