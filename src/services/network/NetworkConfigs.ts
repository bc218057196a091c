/** The networks that an administrator has configured on this host. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import type { StandalonePluginConfig } from "../../domain/config/PluginConfig.ts"
import type { ConfigInvalid, NetworkNotFound, NoNetworkConfigs } from "../../domain/errors/CniError.ts"

/** All that is configured: what loaded, in order; what did not, and why; files that name a network another one names. */
export interface ConfiguredNetworks {
  readonly networks: ReadonlyArray<{ readonly file: string; readonly list: NetworkConfigList }>
  readonly broken: ReadonlyArray<ConfigInvalid>
  readonly duplicates: ReadonlyArray<{ readonly name: string; readonly file: string }>
}

/** Why a network could not be loaded. */
export type LoadError = ConfigInvalid | NetworkNotFound | NoNetworkConfigs

export class NetworkConfigs extends Context.Service<NetworkConfigs, {
  /** The first network of that name: lists come before single plugins, which become lists; drop-ins are included. */
  readonly load: (name: string) => Effect.Effect<NetworkConfigList, LoadError>
  /** The first single-plugin configuration of that name. */
  readonly loadPlugin: (name: string) => Effect.Effect<StandalonePluginConfig, LoadError>
  /**
   * The network in a file, wherever that is, with the drop-ins beside it: a list if it is named `.conflist`, else a single
   * plugin, which becomes one. Fails with `ConfigInvalid` also when there is no such file.
   */
  readonly inFile: (file: string) => Effect.Effect<NetworkConfigList, ConfigInvalid>
  /** Everything, for listings and validation. Fails with `ConfigInvalid` when there is no reading the directory. */
  readonly all: Effect.Effect<ConfiguredNetworks, ConfigInvalid>
}>()("effect-cni/services/NetworkConfigs") {
  /** The network of that name, from the service in the context. */
  static readonly load = (name: string): Effect.Effect<NetworkConfigList, LoadError, NetworkConfigs> =>
    NetworkConfigs.use((configs) => configs.load(name))
}
