/** A network: the chain of plugins that attach a container to it, as administrators write it down. */
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { validateNetworkName } from "../attachment/RuntimeConf.ts"
import type { ConfigInvalid } from "../errors/CniError.ts"
import {
  defaultLimits,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  parseBytes,
  stringify
} from "../json/Json.ts"
import { asText, type DecodeIssue } from "../json/JsonCodec.ts"
import * as CniVersion from "./CniVersion.ts"
import { mistypedMember, nameHint, needsName, readConfig } from "./ConfigParsing.ts"
import * as PluginConfig from "./PluginConfig.ts"

/**
 * A network configuration list (spec, section 1 "Configuration format").
 *
 * - `name`: of the network; `cniVersion`: the version to run it with, as written, empty where there is none (0.1.0).
 * - `disableCheck`, `disableGC`: CHECK and GC do nothing.
 * - `loadOnlyInlinedPlugins`: drop-in files are not looked for.
 * - `bytes`: the text that it was read from, which is what the cache keeps.
 * - `source`: the text of the single plugin that it was made of, where it was read from a file as one.
 *
 * As a Schema it encodes to one string: JSON with these members, `bytes` and `source` in base64.
 */
export const NetworkConfigList = asText(Schema.Struct({
  name: Schema.String,
  cniVersion: Schema.String,
  disableCheck: Schema.Boolean,
  disableGC: Schema.Boolean,
  loadOnlyInlinedPlugins: Schema.Boolean,
  plugins: Schema.Array(PluginConfig.FromJson),
  bytes: Schema.Uint8ArrayFromBase64,
  source: Schema.optionalKey(Schema.Uint8ArrayFromBase64)
}))
export type NetworkConfigList = typeof NetworkConfigList.Type

/**
 * Reads a network configuration list. One without a `plugins` member is accepted (drop-in files may bring them), but
 * cannot be attached to as it is.
 *
 * Fails with `ConfigInvalid`, which names the place within the text, when it is no JSON object, is larger or deeper than
 * `limits`, has no usable `name`, an empty `plugins`, or a known member of the wrong type.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { NetworkConfigList } from "effect-cni"
 *
 * const network = NetworkConfigList.fromText(`{
 *   "cniVersion": "1.0.0",
 *   "name": "mynet",
 *   "plugins": [{ "type": "bridge", "ipam": { "type": "host-local", "subnet": "10.1.0.0/24" } }]
 * }`)
 * Effect.runSync(network).plugins.length // 1
 * ```
 */
export const fromBytes = (
  bytes: Uint8Array,
  limits: JsonLimits = defaultLimits
): Effect.Effect<NetworkConfigList, ConfigInvalid> => readConfig("list", bytes, limits, (json) => fromJson(json, bytes))

/** {@link fromBytes} for a text. */
export const fromText = (text: string, limits?: JsonLimits): Effect.Effect<NetworkConfigList, ConfigInvalid> =>
  fromBytes(new TextEncoder().encode(text), limits)

/** The list that a plugin configuration of its own stands for: with its name, its version and nothing else. */
export const ofPlugin = (plugin: PluginConfig.StandalonePluginConfig): NetworkConfigList => ({
  name: plugin.name,
  cniVersion: plugin.cniVersion,
  disableCheck: false,
  disableGC: false,
  loadOnlyInlinedPlugins: false,
  plugins: [plugin],
  bytes: plugin.bytes
})

/**
 * The list that libcni makes of a plugin configuration of its own: with its name, its version, and itself as the only
 * plugin. Fails with `ConfigInvalid` when its name cannot be that of a network.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { NetworkConfigList, PluginConfig } from "effect-cni"
 *
 * const plugin = PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"lo","type":"loopback"}`)
 * const list = Effect.flatMap(plugin, NetworkConfigList.upconvert)
 * ```
 */
export const upconvert = (plugin: PluginConfig.PluginConfig): Effect.Effect<NetworkConfigList, ConfigInvalid> =>
  fromText(stringify({ name: plugin.name, cniVersion: plugin.cniVersion, plugins: [plugin.json] }))

const fromJson = (json: Json, bytes: Uint8Array): Result.Result<NetworkConfigList, DecodeIssue> => {
  if (json === null) return fail("name", "no name", needsName)
  if (!isJsonObject(json)) return fail("", "a network configuration list must be a JSON object")
  return Result.gen(function*() {
    const name = yield* readName(
      json["name"],
      isSingle(json) ? putIntoPlugins : mistypedMember("name", json) ?? needsName
    )
    const cniVersion = yield* readVersion(json)
    const disableCheck = yield* readFlag(json, "disableCheck")
    const disableGC = yield* readFlag(json, "disableGC")
    const loadOnlyInlinedPlugins = yield* readFlag(json, "loadOnlyInlinedPlugins")
    const plugins = yield* readPlugins(json["plugins"], loadOnlyInlinedPlugins)
    return { name, cniVersion, disableCheck, disableGC, loadOnlyInlinedPlugins, plugins, bytes }
  })
}

const fail = (at: string, reason: string, hint?: string): Result.Result<never, DecodeIssue> =>
  Result.fail({ at, reason, ...(hint !== undefined && { hint }) })

const readName = (value: Json | undefined, hint: string): Result.Result<string, DecodeIssue> => {
  if (value === undefined) return fail("name", "no name", hint)
  if (typeof value !== "string") return fail("name", "must be a string")
  return Result.mapError(validateNetworkName(value), ({ msg }) => ({ at: "name", reason: msg, hint: nameHint(value) }))
}

/** What to do about a list in which no plugin was found. */
export const hintForNoPlugins = (bytes: Uint8Array): string => {
  const json = Result.getOrElse(parseBytes(bytes), () => null)
  if (!isJsonObject(json)) return needsPlugins
  return isSingle(json) ? putIntoPlugins : mistypedMember("plugins", json) ?? needsPlugins
}

const needsPlugins = `write "plugins": [{ "type": "TYPE" }] into it`

const isSingle = (json: JsonObject): boolean => "type" in json && !("plugins" in json)

const putIntoPlugins = `it is a single plugin's: name its file .conf, or put it into "plugins": [ ]`

const readVersion = (json: JsonObject): Result.Result<string, DecodeIssue> => {
  const { cniVersion = "", cniVersions } = json
  if (typeof cniVersion !== "string") return fail("cniVersion", "must be a string")
  if (cniVersions === undefined) return Result.succeed(cniVersion)
  if (!isJsonArray(cniVersions)) return fail("cniVersions", "must be an array of strings")
  return Result.flatMap(
    strings("cniVersions", cniVersions),
    (versions) =>
      Result.mapError(CniVersion.select(cniVersion, versions), ({ reason, version }) => {
        const index = versions.indexOf(version)
        const entry = index === -1 ? `cniVersion ${version}` : `cniVersions entry ${version} at index ${index}`
        return { at: "cniVersions", reason: `invalid ${entry}: invalid version "${version}": ${reason}` }
      })
  )
}

const strings = (at: string, values: ReadonlyArray<Json>): Result.Result<ReadonlyArray<string>, DecodeIssue> => {
  const bad = values.findIndex((value) => typeof value !== "string")
  return bad === -1
    ? Result.succeed(values.filter((value) => typeof value === "string"))
    : fail(`${at}[${bad}]`, "must be a string")
}

const readFlag = (json: JsonObject, key: string): Result.Result<boolean, DecodeIssue> => {
  const value = json[key] ?? (key in json ? null : false)
  const flag = typeof value === "string" ? flagWords.get(value.toLowerCase()) : value
  return typeof flag === "boolean"
    ? Result.succeed(flag)
    : fail(key, `invalid value ${stringify(typeof value === "string" ? value.toLowerCase() : value)} for ${key}`)
}

const flagWords: ReadonlyMap<string, boolean> = new Map([["true", true], ["false", false]])

const readPlugins = (
  value: Json | undefined,
  loadOnlyInlinedPlugins: boolean
): Result.Result<ReadonlyArray<PluginConfig.PluginConfig>, DecodeIssue> => {
  if (value === undefined) {
    return loadOnlyInlinedPlugins
      ? fail("plugins", "`loadOnlyInlinedPlugins` is true, and no 'plugins' key")
      : Result.succeed([])
  }
  if (!isJsonArray(value)) return fail("plugins", "must be an array")
  if (value.length === 0) return fail("plugins", "no plugins in list", `put one into it: { "type": "TYPE" }`)
  return Result.all(value.map((plugin, index) =>
    Result.mapError(PluginConfig.fromJson(plugin), ({ at, ...issue }) => ({
      ...issue,
      at: at === "" ? `plugins[${index}]` : `plugins[${index}].${at}`
    }))
  ))
}
