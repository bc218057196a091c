/** Finds the executable of a plugin type (spec, section 3 "Plugin discovery"). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { InvalidPluginType, PluginNotExecutable, PluginNotFound } from "../../domain/errors/CniError.ts"

/** A file that may be a plugin. Where several directories have one of that type, only the first is used. */
export interface InstalledPlugin {
  readonly type: string
  readonly path: string
  readonly isExecutable: boolean
}

/** Why a plugin type has no executable. */
export type PluginDiscoveryError = PluginNotFound | PluginNotExecutable | InvalidPluginType

export class PluginDiscovery extends Context.Service<PluginDiscovery, {
  /** What plugins get as CNI_PATH, to find the plugins that they delegate to. */
  readonly searchPath: string
  /** The executable's path: the first that may be executed, in the order of the search path. */
  readonly find: (type: string) => Effect.Effect<string, PluginDiscoveryError>
  /** Every file that could be a plugin, in the order of the search path, then by name; directories that cannot be read are empty. */
  readonly installed: Effect.Effect<ReadonlyArray<InstalledPlugin>>
  /** What changes when the executable at a path is replaced; `undefined` where that cannot be told. */
  readonly fingerprint: (path: string) => Effect.Effect<string | undefined>
}>()("effect-cni/services/PluginDiscovery") {}
