/** Checks that a network can be used as it is configured, and asks plugins for their versions. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { capabilitiesOf } from "../domain/config/PluginConfig.ts"
import { NetworkInvalid, VersionNotSupported } from "../domain/errors/CniError.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { PluginVersions } from "../services/plugin/PluginVersions.ts"

/**
 * Checks that every plugin exists and speaks the network's version, and gives the capabilities that the network has,
 * sorted (spec, section 4 "VERSION"). Nothing is attached or changed.
 *
 * Fails with `NetworkInvalid`, which has what is wrong with each plugin: it is missing (`PluginNotFound`,
 * `PluginNotExecutable`, `InvalidPluginType`), does not speak the version (`VersionNotSupported`), or could not be asked
 * (`PluginError`, `PluginTimeout`, `PluginSpawnFailed`, `PluginOutputInvalid`).
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const report = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.validateNetworkList(network).pipe(
 *     Effect.map((capabilities) => `usable, with ${capabilities.join(", ")}`),
 *     Effect.catchTag("NetworkInvalid", ({ message }) => Effect.succeed(message))
 *   )
 * ```
 */
export const validateNetworkList: CniVerbs<PluginVersions>["validateNetworkList"] = Effect.fn("validateNetworkList")(
  function*({ cniVersion, name, plugins }) {
    const checked = yield* Effect.forEach(plugins, ({ type }) => Effect.result(validatePlugin(type, cniVersion)))
    const failures = checked.filter(Result.isFailure).map(({ failure }) => failure)
    if (Arr.isReadonlyArrayNonEmpty(failures)) return yield* new NetworkInvalid({ network: name, failures })
    return capabilitiesOf(plugins)
  }
)

/**
 * `validateNetworkList` for one plugin, by its own version. Fails with what is wrong with it.
 *
 * @example
 * ```ts
 * import { Cni, type PluginConfig } from "effect-cni"
 *
 * const capabilities = (plugin: PluginConfig.StandalonePluginConfig) => Cni.validateNetwork(plugin)
 * ```
 */
export const validateNetwork: CniVerbs<PluginVersions>["validateNetwork"] = Effect.fn("validateNetwork")(
  function*(plugin) {
    yield* validatePlugin(plugin.type, plugin.cniVersion)
    return capabilitiesOf([plugin])
  }
)

const validatePlugin = Effect.fnUntraced(function*(type: string, cniVersion: string) {
  const version = cniVersion === "" ? "0.1.0" : cniVersion
  const { supportedVersions } = yield* (yield* PluginVersions).of(type)
  if (supportedVersions.includes(version)) return
  return yield* new VersionNotSupported({ plugin: type, version, supported: supportedVersions })
})

/**
 * What the plugin of a type reports (spec, section 4 "VERSION"); remembered while its executable stays the same, unless
 * `Tunables.VersionCache` is off.
 *
 * Fails with `InvalidPluginType`, `PluginNotFound` or `PluginNotExecutable` when there is no such plugin,
 * `PluginSpawnFailed` or `PluginTimeout` (default 10 s) when it could not be asked, `PluginError` when it refused, and
 * `PluginOutputInvalid` when its answer is no report.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const isModern = Effect.map(Cni.getVersionInfo("bridge"), (info) => info.supportedVersions.includes("1.1.0"))
 * ```
 */
export const getVersionInfo: CniVerbs<PluginVersions>["getVersionInfo"] = Effect.fn("getVersionInfo")(
  (type) => PluginVersions.use((versions) => versions.of(type))
)
