/** Says of each plugin of a network whether it is ready, and tells "ready" from "too old to ask". */
import * as Effect from "effect/Effect"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { PluginConfig } from "../domain/config/PluginConfig.ts"
import type { PluginError } from "../domain/errors/CniError.ts"
import { hasStatus, type StatusError, type StatusRequirements } from "./getStatusNetworkList.ts"
import { tellOfNetwork } from "./plugin/invokePlugin.ts"

/**
 * The state of one plugin: `Ready`; `NotReady` (it cannot attach anything, code 50); `Limited` (what is attached may have
 * no connectivity, code 51); `Unsupported` (the network's version or the plugin has no STATUS).
 */
export type PluginStatus =
  | { readonly _tag: "Ready"; readonly plugin: string }
  | { readonly _tag: "NotReady"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Limited"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Unsupported"; readonly plugin: string }

/**
 * Asks every plugin of the network with STATUS (spec, section 4 "STATUS"), whatever those before it said.
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
export const networkStatus: (
  network: NetworkConfigList
) => Effect.Effect<ReadonlyArray<PluginStatus>, StatusError, StatusRequirements> = Effect.fn("networkStatus")(
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
