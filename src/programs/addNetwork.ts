/** Attaches a container by one plugin, without a list around it. */
import * as Effect from "effect/Effect"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import type { StandalonePluginConfig } from "../domain/config/PluginConfig.ts"
import type { CniResult } from "../domain/result/CniResult.ts"
import { addNetworkList, type AddNetworkListError, type AddNetworkListRequirements } from "./addNetworkList.ts"

/**
 * `addNetworkList` for one plugin, whose own name and version are those of the network, and whose text is what the cache
 * keeps. It fails as `addNetworkList` does, and with `InvalidRuntimeConf` (code 7) when the plugin has no name.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, PluginConfig } from "effect-cni"
 *
 * const loopback = Effect.gen(function*() {
 *   const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"lo","type":"loopback"}`)
 *   return yield* Cni.addNetwork(plugin, { containerId: "c1", netns: "/run/netns/c1", ifName: "lo" })
 * })
 * ```
 */
export const addNetwork: (
  plugin: StandalonePluginConfig,
  conf: RuntimeConf
) => Effect.Effect<CniResult, AddNetworkListError, AddNetworkListRequirements> = Effect.fn("addNetwork")(
  (plugin, conf) => addNetworkList(ofPlugin(plugin), conf)
)
