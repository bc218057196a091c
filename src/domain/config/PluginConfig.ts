/** The configuration of one plugin: one element of a list's `plugins`, or a `.conf` file of its own. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { ConfigInvalid } from "../errors/CniError.ts"
import {
  defaultLimits,
  inByteOrder,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  stringify
} from "../json/Json.ts"
import {
  asText,
  decode,
  decodedBy,
  type DecodeIssue,
  JsonMembers,
  lineOf,
  madeHere,
  nullable,
  readBy
} from "../json/JsonCodec.ts"
import { mistypedMember, readConfig } from "./ConfigParsing.ts"

/**
 * A plugin configuration (spec, section 1 "Plugin configuration objects").
 *
 * - `type`: name of the plugin's executable.
 * - `name`, `cniVersion`: its own ones, empty where it has none; in a list the list's count.
 * - `capabilities`: which capability arguments it wants.
 * - `json`: the whole configuration, members that we do not know included.
 */
export type PluginConfig = {
  readonly type: string
  readonly name: string
  readonly cniVersion: string
  readonly capabilities: Readonly<Record<string, boolean>>
  readonly json: JsonObject
}

/** A plugin configuration that stands alone, with the text that it was read from. */
export type StandalonePluginConfig = PluginConfig & {
  readonly bytes: Uint8Array
}

/**
 * Reads a plugin configuration that stands alone, for the single-plugin operations.
 *
 * Fails with `ConfigInvalid` when the text is no JSON object, is too large or too deep, has no `type`, or has a known
 * member of the wrong type.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { PluginConfig } from "effect-cni"
 *
 * const loopback = PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"lo","type":"loopback"}`)
 * Effect.runSync(loopback).type // "loopback"
 * ```
 */
export const fromBytes = (
  bytes: Uint8Array,
  limits: JsonLimits = defaultLimits
): Effect.Effect<StandalonePluginConfig, ConfigInvalid> =>
  readConfig("plugin", bytes, limits, (json) => Result.map(fromJson(json), (plugin) => ({ ...plugin, bytes })))

/** {@link fromBytes} for a text. */
export const fromText = (text: string, limits?: JsonLimits): Effect.Effect<StandalonePluginConfig, ConfigInvalid> =>
  fromBytes(new TextEncoder().encode(text), limits)

/** Reads a plugin configuration from parsed JSON. */
export const fromJson = (json: Json): Result.Result<PluginConfig, DecodeIssue> => {
  if (json === null) return Result.fail({ at: "type", reason: "missing 'type'" })
  if (!isJsonObject(json)) return Result.fail({ at: "", reason: "a plugin configuration must be a JSON object" })
  return Result.flatMap(decode(KnownMembers, json), ({ capabilities, cniVersion, name, type }) =>
    type
      ? Result.succeed({
        type,
        name: name ?? "",
        cniVersion: cniVersion ?? "",
        capabilities: withoutNull(capabilities ?? {}),
        json
      })
      : Result.fail({ at: "type", reason: "missing 'type'", hint: typeHint(json) }))
}

const typeHint = (json: JsonObject): string =>
  isJsonArray(json["plugins"]) ? isList : mistypedMember("type", json) ?? `write "type": "TYPE" into it`

/** The capabilities that at least one of some plugins declares as true, sorted. */
export const capabilitiesOf = (plugins: ReadonlyArray<PluginConfig>): ReadonlyArray<string> => {
  const declared = plugins.flatMap(({ capabilities }) => Object.keys(capabilities).filter((name) => capabilities[name]))
  return inByteOrder([...new Set(declared)])
}

const isList = "a network with a list of plugins has a file whose name ends in .conflist"

/**
 * The configuration with these members put in, in place of those of the same name; everything else stays, to the last
 * digit. Fails with `ConfigInvalid` for an empty name or a null.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { PluginConfig } from "effect-cni"
 *
 * const plugin = Effect.runSync(PluginConfig.fromText(`{"type":"bridge","mtu":1500}`))
 * Effect.runSync(PluginConfig.inject(plugin, { mtu: 9000 })).json // { type: "bridge", mtu: 9000 }
 * ```
 */
export const inject = (
  plugin: PluginConfig,
  members: JsonObject
): Effect.Effect<StandalonePluginConfig, ConfigInvalid> => {
  for (const [key, value] of Object.entries(members)) {
    const reason = key === ""
      ? "keys cannot be empty"
      : value === null
      ? `key '${key}' value must not be nil`
      : undefined
    if (reason !== undefined) return Effect.fail(new ConfigInvalid({ kind: "file", at: key, reason }))
  }
  return Object.keys(members).length === 0 && isStandalone(plugin)
    ? Effect.succeed(plugin)
    : fromText(stringify({ ...plugin.json, ...members }))
}

const isStandalone = (plugin: PluginConfig): plugin is StandalonePluginConfig => "bytes" in plugin

const withoutNull = (capabilities: Readonly<Record<string, boolean | null>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(Object.entries(capabilities).map(([name, enabled]) => [name, enabled ?? false]))

const KnownMembers = Schema.Struct({
  type: nullable(Schema.String),
  name: nullable(Schema.String),
  cniVersion: nullable(Schema.String),
  capabilities: nullable(Schema.Record(Schema.String, Schema.NullOr(Schema.Boolean))),
  ipam: nullable(Schema.Struct({ type: nullable(Schema.String) })),
  dns: nullable(Schema.Struct({
    nameservers: nullable(Schema.Array(Schema.NullOr(Schema.String))),
    domain: nullable(Schema.String),
    search: nullable(Schema.Array(Schema.NullOr(Schema.String))),
    options: nullable(Schema.Array(Schema.NullOr(Schema.String)))
  })),
  prevResult: nullable(Schema.Record(Schema.String, Schema.Unknown)),
  "cni.dev/valid-attachments": nullable(Schema.Array(
    Schema.NullOr(Schema.Struct({ containerID: nullable(Schema.String), ifname: nullable(Schema.String) }))
  ))
})

/** A plugin configuration within JSON, as it is written there. */
export const FromJson: Schema.Codec<PluginConfig, Json> = readBy(fromJson)

/** A plugin configuration as one string, its JSON text. */
export const PluginConfig: Schema.Codec<PluginConfig, string> = asText(FromJson)

/** A plugin configuration that stands alone as one string: JSON with its `json`, and its `bytes` in base64. */
export const StandalonePluginConfig: Schema.Codec<StandalonePluginConfig, string> = asText(
  Schema.Struct({ json: JsonMembers, bytes: Schema.Uint8ArrayFromBase64 }).pipe(
    Schema.decodeTo(madeHere<StandalonePluginConfig>("json", "bytes"), {
      decode: decodedBy(({ bytes, json }: Pick<StandalonePluginConfig, "bytes" | "json">) =>
        Result.mapBoth(fromJson(json), { onFailure: lineOf, onSuccess: (plugin) => ({ ...plugin, bytes }) })
      ),
      encode: SchemaGetter.transform(({ bytes, json }: StandalonePluginConfig) => ({ bytes, json }))
    })
  )
)
