/** Which versions a plugin says it speaks, and how it is asked (spec, section 4 "VERSION"). */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { current } from "../config/CniVersion.ts"
import { readConfig } from "../config/ConfigParsing.ts"
import { ConfigInvalid, type PluginError, type PluginOutputInvalid } from "../errors/CniError.ts"
import type { Dialect } from "../errors/ErrorText.ts"
import { defaultLimits, isJsonObject, type JsonLimits, stringify } from "../json/Json.ts"
import { decode, type DecodeIssue, nullable } from "../json/JsonCodec.ts"
import * as PluginReply from "./PluginReply.ts"
import type { PluginInvocation } from "./PluginRequest.ts"

/** What a plugin reports: `cniVersion`, the version of the report; `supportedVersions`, as the plugin wrote them. */
export interface PluginInfo {
  readonly cniVersion: string
  readonly supportedVersions: ReadonlyArray<string>
}

/** What plugins are asked on stdin. */
export const request: string = stringify({ cniVersion: current })

/** The answer to VERSION. A plugin that says that it does not know the command, and no more, is of 0.1.0. */
export const fromOutcome = (
  invocation: PluginInvocation,
  outcome: PluginReply.PluginOutcome,
  limits: JsonLimits = defaultLimits,
  dialect: Dialect = "libcni"
): Result.Result<PluginInfo, PluginError | PluginOutputInvalid> => {
  const acknowledged = PluginReply.acknowledged(invocation, outcome, dialect)
  if (Result.isFailure(acknowledged)) {
    const { details, msg } = acknowledged.failure
    return msg === "unknown CNI_COMMAND: VERSION" && details === undefined
      ? Result.succeed({ cniVersion: current, supportedVersions: ["0.1.0"] })
      : Result.fail(acknowledged.failure)
  }
  return Result.mapError(
    fromBytes(outcome.stdout, limits),
    (issue) => PluginReply.outputInvalid(invocation, outcome, issue)
  )
}

/** Reads a report. One of 0.2.0 may leave out which versions it supports: 0.1.0 and 0.2.0. */
export const fromBytes = (
  bytes: Uint8Array,
  limits: JsonLimits = defaultLimits
): Result.Result<PluginInfo, DecodeIssue> =>
  Result.gen(function*() {
    const json = yield* PluginReply.readOutput(bytes, limits)
    const { cniVersion, supportedVersions } = yield* decode(Report, json ?? {})
    if (!cniVersion) return yield* Result.fail({ at: "cniVersion", reason: "missing field cniVersion" })
    if (supportedVersions && supportedVersions.length > 0) {
      return { cniVersion, supportedVersions: supportedVersions.map((version) => version ?? "") }
    }
    return cniVersion === "0.2.0"
      ? { cniVersion: current, supportedVersions: ["0.1.0", "0.2.0"] }
      : yield* Result.fail({ at: "supportedVersions", reason: "missing field supportedVersions" })
  })

const Report = Schema.Struct({
  cniVersion: nullable(Schema.String),
  supportedVersions: nullable(Schema.Array(Schema.NullOr(Schema.String)))
})

/**
 * The version that a configuration of any kind names, 0.1.0 where it names none. Fails with `ConfigInvalid` when it is
 * no JSON object or its `cniVersion` is no string.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { PluginInfo } from "effect-cni"
 *
 * Effect.runSync(PluginInfo.configVersion(new TextEncoder().encode(`{"name":"mynet"}`))) // "0.1.0"
 * ```
 */
export const configVersion = (
  bytes: Uint8Array,
  limits: JsonLimits = defaultLimits
): Effect.Effect<string, ConfigInvalid> =>
  readConfig("file", bytes, limits, (json) =>
    json === null || isJsonObject(json)
      ? decode(Schema.Struct({ cniVersion: nullable(Schema.String) }), json ?? {})
      : Result.fail({ at: "", reason: "a configuration must be a JSON object" })).pipe(
      Effect.map(({ cniVersion }) => cniVersion || "0.1.0"),
      Effect.mapError(({ at, reason }) =>
        new ConfigInvalid({ kind: "file", at, reason: `decoding version from network config: ${reason}` })
      )
    )
