/** Finds the executable of a plugin type (spec, section 3 "Plugin discovery"). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { InvalidPluginType, PluginNotExecutable, PluginNotFound } from "../domain/CniError.ts"

/** Why a plugin type has no executable. */
export type PluginDiscoveryError = PluginNotFound | PluginNotExecutable | InvalidPluginType

export class PluginDiscovery extends Context.Service<PluginDiscovery, {
  /** What plugins get as CNI_PATH, to find the plugins that they delegate to. */
  readonly searchPath: string
  /** The executable's path: the first that may be executed, in the order of the search path. */
  readonly find: (type: string) => Effect.Effect<string, PluginDiscoveryError>
  /** What changes when the executable at a path is replaced; `undefined` where that cannot be told. */
  readonly fingerprint: (path: string) => Effect.Effect<string | undefined>
}>()("effect-cni/services/PluginDiscovery") {}
