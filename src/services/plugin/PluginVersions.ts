/** Knows which versions each plugin speaks. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PluginError } from "../../domain/errors/CniError.ts"
import type { PluginInfo } from "../../domain/plugin/PluginInfo.ts"
import type { PluginDiscoveryError } from "./PluginDiscovery.ts"
import type { PluginExecError } from "./PluginExec.ts"

/** Why a plugin could not be asked. */
export type PluginVersionsError = PluginDiscoveryError | PluginExecError | PluginError

export class PluginVersions extends Context.Service<PluginVersions, {
  /** The remembered answer of the plugin of that type, if there is one. No plugin is run. */
  readonly remembered: (type: string) => Effect.Effect<PluginInfo | undefined>
  /** What the plugin of that type reports. The answer may be remembered as long as its executable stays the same. */
  readonly of: (type: string) => Effect.Effect<PluginInfo, PluginVersionsError>
}>()("effect-cni/services/PluginVersions") {}
