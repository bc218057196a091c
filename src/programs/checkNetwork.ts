/** Checks an attachment that one plugin made. */
import * as Effect from "effect/Effect"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import type { StandalonePluginConfig } from "../domain/config/PluginConfig.ts"
import { checkNetworkList, type CheckNetworkListError, type CheckNetworkListRequirements } from "./checkNetworkList.ts"

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
export const checkNetwork: (
  plugin: StandalonePluginConfig,
  conf: RuntimeConf
) => Effect.Effect<void, CheckNetworkListError, CheckNetworkListRequirements> = Effect.fn("checkNetwork")(
  (plugin, conf) => checkNetworkList(ofPlugin(plugin), conf)
)
