/** The protocol from a plugin's side: what it was asked, and how its result or its refusal is written (spec, section 2). */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CniVersion from "../config/CniVersion.ts"
import * as PluginConfig from "../config/PluginConfig.ts"
import { Command } from "../errors/CniError.ts"
import { isJsonObject, type JsonObject, parse, stringify } from "../json/Json.ts"
import { decode as decodeWith, type DecodeIssue, lineOf } from "../json/JsonCodec.ts"
import * as CniResult from "../result/CniResult.ts"

/** A plugin's refusal (spec, section 5 "Error"): `code` below 100 is the specification's, from 100 on the plugin's own. */
export class PluginFailure extends Schema.TaggedError<PluginFailure>()("PluginFailure", {
  code: Schema.Int.check(Schema.isGreaterThan(0)),
  msg: Schema.String,
  details: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.msg}${this.details === undefined ? "" : `; ${this.details}`}`
  }
}

/** What a plugin was asked. `network` and `cniVersion` are the network's; `stdin` is the request as it came. */
export interface PluginCall {
  readonly command: Command
  readonly containerId: string
  readonly netns: string
  readonly ifName: string
  readonly args: ReadonlyArray<readonly [key: string, value: string]>
  readonly searchPath: string
  readonly network: string
  readonly cniVersion: string
  readonly config: PluginConfig.PluginConfig
  readonly prevResult: CniResult.CniResult | undefined
  readonly stdin: string
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the command. Fails, as the specification has it, with code 4 for one that is missing or unknown. */
export const command = (environment: Environment): Result.Result<Command, PluginFailure> => {
  const text = environment["CNI_COMMAND"] ?? ""
  return text === ""
    ? missing(["CNI_COMMAND"])
    : Result.mapError(
      decodeWith(Command, text),
      () => new PluginFailure({ code: 4, msg: `unknown CNI_COMMAND: ${text}` })
    )
}

/**
 * Reads a request. Fails with code 4 for variables that the command needs and that are missing, code 6 for input that
 * cannot be read, and code 7 for a configuration or `prevResult` that cannot be used.
 */
export const decode = (environment: Environment, stdin: string): Result.Result<PluginCall, PluginFailure> =>
  Result.gen(function*() {
    const asked = yield* command(environment)
    const variable = (name: string) => environment[name] ?? ""
    const absent = (required.get(asked) ?? []).filter((name) => variable(name) === "")
    if (absent.length > 0) return yield* missing(absent)
    const json = yield* Result.mapError(parse(stdin), (reason) => new PluginFailure({ code: 6, msg: reason }))
    const config = yield* Result.mapError(PluginConfig.fromJson(json), unusable)
    const prevResult = isJsonObject(json) && isJsonObject(json["prevResult"])
      ? yield* Result.mapError(CniResult.fromJson(json["prevResult"], config.cniVersion), unusable)
      : undefined
    return {
      command: asked,
      containerId: variable("CNI_CONTAINERID"),
      netns: variable("CNI_NETNS"),
      ifName: variable("CNI_IFNAME"),
      args: pairs(variable("CNI_ARGS")),
      searchPath: variable("CNI_PATH"),
      network: config.name,
      cniVersion: config.cniVersion,
      config,
      prevResult,
      stdin
    }
  })

const required: ReadonlyMap<Command, ReadonlyArray<string>> = new Map([
  ["ADD", ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"]],
  ["CHECK", ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"]],
  ["DEL", ["CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"]],
  ["GC", ["CNI_PATH"]],
  ["STATUS", ["CNI_PATH"]]
])

const missing = (names: ReadonlyArray<string>): Result.Result<never, PluginFailure> =>
  Result.fail(new PluginFailure({ code: 4, msg: `required env variables [${names.join(",")}] missing` }))

const unusable = (issue: DecodeIssue): PluginFailure => new PluginFailure({ code: 7, msg: lineOf(issue) })

const pairs = (text: string): PluginCall["args"] =>
  text.split(";").filter((pair) => pair !== "").map((pair) => {
    const end = pair.indexOf("=")
    return end === -1 ? [pair, ""] : [pair.slice(0, end), pair.slice(end + 1)]
  })

/**
 * Writes a result in the version that was asked for. One that names no version is one of 1.x. Fails with code 7 when it
 * is none, and with code 1 when the version asked for cannot say it.
 */
export const encodeResult = (result: JsonObject, cniVersion: string): Result.Result<string, PluginFailure> =>
  Result.mapError(CniResult.fromJson(result, CniVersion.current), unusable).pipe(
    Result.flatMap((read) =>
      Result.mapError(CniResult.convert(read, cniVersion), ({ reason }) => new PluginFailure({ code: 1, msg: reason }))
    ),
    Result.map(({ json }) => stringify(json))
  )

/** Writes a refusal. */
export const encodeFailure = ({ code, details, msg }: PluginFailure, cniVersion: string): string =>
  stringify({ cniVersion: cniVersion || CniVersion.current, code, msg, ...(details !== undefined && { details }) })

/** Writes the answer to VERSION. */
export const encodeVersions = (supportedVersions: ReadonlyArray<string>): string =>
  stringify({ cniVersion: CniVersion.current, supportedVersions })
