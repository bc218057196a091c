/** Detaches what one plugin attached. */
import * as Effect from "effect/Effect"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import type { StandalonePluginConfig } from "../domain/config/PluginConfig.ts"
import { delNetworkList, type DelNetworkListError, type DelNetworkListRequirements } from "./delNetworkList.ts"

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
export const delNetwork: (
  plugin: StandalonePluginConfig,
  conf: RuntimeConf
) => Effect.Effect<void, DelNetworkListError, DelNetworkListRequirements> = Effect.fn("delNetwork")(
  (plugin, conf) => delNetworkList(ofPlugin(plugin), conf)
)
