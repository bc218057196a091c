/** The configuration of one plugin: one element of a list's `plugins`, or a `.conf` file of its own. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../errors/CniError.ts"
import { decode, type DecodeIssue } from "../json/DecodeIssue.ts"
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
import { readConfig } from "./ConfigReading.ts"
import { mistypedMember } from "./SimilarNames.ts"

/**
 * A plugin configuration (spec, section 1 "Plugin configuration objects").
 *
 * - `type`: name of the plugin's executable.
 * - `name`, `cniVersion`: its own ones, empty where it has none; in a list the list's count.
 * - `capabilities`: which capability arguments it wants.
 * - `json`: the whole configuration, members that we do not know included.
 */
export interface PluginConfig {
  readonly type: string
  readonly name: string
  readonly cniVersion: string
  readonly capabilities: Readonly<Record<string, boolean>>
  readonly json: JsonObject
}

/** A plugin configuration that stands alone, with the text that it was read from. */
export interface StandalonePluginConfig extends PluginConfig {
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

// As in Go, null is the same as leaving a known member out.
const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const KnownMembers = Schema.Struct({
  type: maybe(Schema.String),
  name: maybe(Schema.String),
  cniVersion: maybe(Schema.String),
  capabilities: maybe(Schema.Record(Schema.String, Schema.NullOr(Schema.Boolean))),
  ipam: maybe(Schema.Struct({ type: maybe(Schema.String) })),
  dns: maybe(Schema.Struct({
    nameservers: maybe(Schema.Array(Schema.NullOr(Schema.String))),
    domain: maybe(Schema.String),
    search: maybe(Schema.Array(Schema.NullOr(Schema.String))),
    options: maybe(Schema.Array(Schema.NullOr(Schema.String)))
  })),
  prevResult: maybe(Schema.Record(Schema.String, Schema.Unknown)),
  "cni.dev/valid-attachments": maybe(Schema.Array(
    Schema.NullOr(Schema.Struct({ containerID: maybe(Schema.String), ifname: maybe(Schema.String) }))
  ))
})
