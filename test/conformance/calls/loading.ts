/** The calls that read configurations. */
import { Effect } from "effect"
import { type CniError, NetworkConfigList, NetworkConfigs, PluginConfig } from "effect-cni"
import { FileSystemNetworkConfigs } from "effect-cni/node"
import * as Path from "node:path"
import { observe } from "../observe.ts"
import * as Args from "./arguments.ts"
import { type Call, call, type Services } from "./call.ts"

/** A plugin in the form of the vectors. */
export const shownPlugin = ({ capabilities, cniVersion, json, name, type }: PluginConfig.PluginConfig) => ({
  type,
  name,
  cniVersion,
  capabilities,
  config: json
})

/** A list in the form of the vectors. */
export const shownList = (list: NetworkConfigList.NetworkConfigList) => {
  const { cniVersion, disableCheck, disableGC, loadOnlyInlinedPlugins, name, plugins } = list
  return { name, cniVersion, disableCheck, disableGC, loadOnlyInlinedPlugins, plugins: plugins.map(shownPlugin) }
}

const list = (loading: Effect.Effect<NetworkConfigList.NetworkConfigList, CniError.AnyError, Services>) =>
  Effect.mapBoth(loading, { onFailure: observe(), onSuccess: shownList })

const plugin = (loading: Effect.Effect<PluginConfig.PluginConfig, CniError.AnyError, Services>) =>
  Effect.mapBoth(loading, { onFailure: observe(), onSuccess: shownPlugin })

const inDirectory = <A>(
  netconf: string,
  directory: string | undefined,
  use: (configs: NetworkConfigs["Service"]) => Effect.Effect<A, CniError.AnyError>
): Effect.Effect<A, CniError.AnyError, Services> =>
  Effect.provide(
    NetworkConfigs.use(use),
    FileSystemNetworkConfigs.layer(directory === undefined ? netconf : `${netconf}/${directory}`)
  )

export const loading: Readonly<Record<string, Call>> = {
  NetworkConfFromBytes: call(Args.Bytes, ({ bytes }) => list(NetworkConfigList.fromText(bytes))),
  NetworkPluginConfFromBytes: call(Args.Bytes, ({ bytes }) => plugin(PluginConfig.fromText(bytes))),
  ConfListFromConf: call(
    Args.Bytes,
    ({ bytes }) => list(Effect.flatMap(PluginConfig.fromText(bytes), NetworkConfigList.upconvert))
  ),
  LoadNetworkConf: call(
    Args.Lookup,
    ({ dir, name }, { netconf }) => list(inDirectory(netconf, dir, (configs) => configs.load(name)))
  ),
  LoadConf: call(
    Args.Lookup,
    ({ dir, name }, { netconf }) => plugin(inDirectory(netconf, dir, (configs) => configs.loadPlugin(name)))
  ),
  NetworkConfFromFile: call(
    Args.File,
    ({ file }, { netconf }) => list(FileSystemNetworkConfigs.fromFile(`${netconf}/${file}`))
  ),
  ConfFiles: call(
    Args.Files,
    ({ dir = ".", extensions }, { netconf }) =>
      FileSystemNetworkConfigs.configFiles(`${netconf}/${dir}`, extensions).pipe(
        Effect.mapBoth({
          onFailure: observe(),
          onSuccess: (files) => files.map((file) => Path.relative(netconf, file)).sort()
        })
      )
  ),
  InjectConf: call(
    Args.Inject,
    (args) =>
      plugin(Effect.flatMap(PluginConfig.fromText(args.plugin), (config) => PluginConfig.inject(config, args.values)))
  )
}
