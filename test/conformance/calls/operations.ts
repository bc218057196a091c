/** The calls that run plugins, or look at the cache. */
import { Effect, Option } from "effect"
import {
  type CachedConfig,
  type CacheEntry,
  Cni,
  type CniError,
  NetworkConfigList,
  PluginConfig,
  type RuntimeConf
} from "effect-cni"
import { observe } from "../observe.ts"
import * as Args from "./arguments.ts"
import { type Call, call, type Services } from "./call.ts"

type Network = NetworkConfigList.NetworkConfigList
type Operation<A> = (network: Network, conf: RuntimeConf.RuntimeConf) => Effect.Effect<A, CniError.AnyError, Services>
type PluginOperation<A> = (
  plugin: PluginConfig.StandalonePluginConfig,
  conf: RuntimeConf.RuntimeConf
) => Effect.Effect<A, CniError.AnyError, Services>
type Named = NonNullable<CniError.FormatOptions["operation"]>

const readList = (text: string) => Effect.mapError(NetworkConfigList.fromText(text), observe())
const readPlugin = (text: string) => Effect.mapError(PluginConfig.fromText(text), observe())

const onList = <A>(operation: Operation<A>, show: (value: A) => unknown, name?: Named): Call =>
  call(
    Args.OnList,
    ({ list, rt }) =>
      Effect.flatMap(readList(list), (network) =>
        Effect.mapBoth(operation(network, rt), {
          onFailure: (error) => observe({ ...optionsOf(network, error, name) })(error),
          onSuccess: show
        }))
  )

/** The plugin at which an operation stopped, where its error does not say its name: the first that it came to. */
const optionsOf = ({ plugins }: Network, error: CniError.AnyError, operation: Named | undefined) => {
  if (operation === undefined) return {}
  const inOrder = operation === "delNetworkList" ? plugins.toReversed() : plugins
  const plugin = error._tag === "InvalidRuntimeConf"
    ? plugins[0]
    : "plugin" in error && !("command" in error)
    ? inOrder.find(({ type }) => type === error.plugin)
    : undefined
  return { operation, ...(plugin && { plugin }) }
}

const onPlugin = <A>(operation: PluginOperation<A>, show: (value: A) => unknown, name?: Named): Call =>
  call(
    Args.OnPlugin,
    ({ plugin, rt }) =>
      Effect.flatMap(readPlugin(plugin), (config) =>
        Effect.mapBoth(operation(config, rt), { onFailure: observe(name && { operation: name }), onSuccess: show }))
  )

const ofList = <A>(operation: (network: Network) => Effect.Effect<A, CniError.AnyError, Services>): Call =>
  call(
    Args.OfList,
    ({ list }) => Effect.flatMap(readList(list), (network) => Effect.mapError(operation(network), observe()))
  )

const nothing = () => null
const textOf = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)

const result = ({ json }: { readonly json: unknown }) => json

const cachedResult = Option.match({ onNone: nothing, onSome: result })

const cachedConfig = Option.match({
  onNone: nothing,
  onSome: ({ conf, config }: CachedConfig) => {
    const { args = [], capabilityArgs = {}, containerId, ifName, netns = "" } = conf
    return { config: textOf(config), rt: { containerId, netns, ifName, args, capabilityArgs } }
  }
})

const attachment = (record: CacheEntry.CacheRecord) => {
  const { capabilityArgs, cniArgs, config, containerId, ifName, netns, network } = record
  return { containerId, network, ifName, netns, config: textOf(config), cniArgs, capabilityArgs }
}

/** By the name of the call. */
export const operations: Readonly<Record<string, Call>> = {
  AddNetworkList: onList(Cni.addNetworkList, result, "addNetworkList"),
  CheckNetworkList: onList(Cni.checkNetworkList, nothing, "checkNetworkList"),
  DelNetworkList: onList(Cni.delNetworkList, nothing, "delNetworkList"),
  GetNetworkListCachedResult: onList(Cni.getNetworkListCachedResult, cachedResult),
  GetNetworkListCachedConfig: onList(Cni.getNetworkListCachedConfig, cachedConfig),
  AddNetwork: onPlugin(Cni.addNetwork, result),
  CheckNetwork: onPlugin(Cni.checkNetwork, nothing, "checkNetwork"),
  DelNetwork: onPlugin(Cni.delNetwork, nothing),
  GetNetworkCachedResult: onPlugin(Cni.getNetworkCachedResult, cachedResult),
  GetNetworkCachedConfig: onPlugin(Cni.getNetworkCachedConfig, cachedConfig),
  ValidateNetworkList: ofList(Cni.validateNetworkList),
  GetStatusNetworkList: ofList((network) => Effect.as(Cni.getStatusNetworkList(network), null)),
  ValidateNetwork: call(
    Args.OfPlugin,
    ({ plugin }) =>
      Effect.flatMap(readPlugin(plugin), (config) => Effect.mapError(Cni.validateNetwork(config), observe()))
  ),
  GCNetworkList: call(Args.Gc, ({ list, validAttachments }) => {
    const keep = (validAttachments ?? []).map(({ containerID, ifname }) => ({
      containerId: containerID,
      ifName: ifname
    }))
    const gc = (network: Network) => Effect.as(Cni.gcNetworkList(network, { keep }), null)
    return Effect.flatMap(readList(list), (network) => Effect.mapError(gc(network), observe()))
  }),
  GetCachedAttachments: call(
    Args.Attachments,
    ({ containerId }) =>
      Cni.getCachedAttachments(containerId === "" ? {} : { containerId }).pipe(
        Effect.mapBoth({ onFailure: observe(), onSuccess: (records) => records.map(attachment) })
      )
  ),
  GetVersionInfo: call(Args.VersionInfo, ({ type }) => Effect.mapError(Cni.getVersionInfo(type), observe()))
}
