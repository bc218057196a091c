/** The result of an ADD: as the plugin gave it, in its own version, and in the terms of 1.x for every caller. */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { ResultConversionError } from "../errors/CniError.ts"
import { isJsonObject, type Json, type JsonObject } from "../json/Json.ts"
import { asText, decode, type DecodeIssue, readBy } from "../json/JsonCodec.ts"
import * as Conversion from "./ResultConversion.ts"
import {
  type Dns,
  Format020,
  Format040,
  Format100,
  type Interface,
  type IpConfig,
  type Result100,
  type Route
} from "./ResultFormat.ts"

export type { Dns, Interface, IpConfig, Route }

/**
 * A result (spec, section 5 "Success").
 *
 * - `cniVersion`: the version that it came in.
 * - `json`: the whole of it in that version, canonical, with members that we do not know.
 * - `interfaces`, `ips`, `routes`, `dns`: what it says in the terms of 1.x, also where its version is older.
 */
export type CniResult = {
  readonly cniVersion: string
  readonly json: JsonObject
  readonly interfaces: ReadonlyArray<Interface>
  readonly ips: ReadonlyArray<IpConfig>
  readonly routes: ReadonlyArray<Route>
  readonly dns: Dns
}

/** A result of any version as one string, its JSON text. */
export const CniResult: Schema.Codec<CniResult, string> = asText(readBy((json) => fromJson(json, "")))

/**
 * Reads a result. Without a version of its own (missing, empty, not a string) it has `defaultVersion`, and without
 * that 0.1.0; `null` is an empty result.
 */
export const fromJson = (json: Json, defaultVersion: string): Result.Result<CniResult, DecodeIssue> => {
  const members = json === null ? {} : json
  if (!isJsonObject(members)) return Result.fail({ at: "", reason: "a result must be a JSON object" })
  const own = members["cniVersion"]
  const cniVersion = (typeof own === "string" && own !== "" ? own : defaultVersion) || "0.1.0"
  return readAs(cniVersion, { ...members, cniVersion })
}

/** Reads a result of a known version: what it says of its own version must have the same format. */
export const create = (version: string, json: Json): Result.Result<CniResult, DecodeIssue> => {
  const asked = version || "0.1.0"
  const format = readers.get(asked)
  if (format === undefined) return readAs(asked, {})
  const own = isJsonObject(json) ? json["cniVersion"] ?? "" : ""
  if (typeof own !== "string") return Result.fail({ at: "cniVersion", reason: "must be a string" })
  const isUnnamed = own === "" && format === read020
  if (isUnnamed || readers.get(own) === format) return fromJson(json, "")
  const alike = [...readers.keys()].filter((known) => readers.get(known) === format)
  const types = `${format === read020 ? " " : ""}${alike.join(" ")}`
  return Result.fail({
    at: "cniVersion",
    reason: `result type supports [${types}] but unmarshalled CNIVersion is "${own}"`
  })
}

/**
 * The same result in another version: unchanged where it is that version already, else what that version can say of it.
 * There are ways between all supported versions; none to 0.1 and 0.2 for a result without addresses.
 */
export const convert = (result: CniResult, to: string): Result.Result<CniResult, ResultConversionError> => {
  const target = to === "" ? "0.1.0" : to
  const { cniVersion: from, json } = result
  if (from === target) return Result.succeed(result)
  const failed = (reason: string) => new ResultConversionError({ from, to: target, reason })
  const format = readers.get(from)
  const targetFormat = readers.get(target)
  if (format === undefined || targetFormat === undefined) {
    return Result.fail(failed(`no converter for CNI result version ${from} to ${target}`))
  }
  if (format === targetFormat) {
    return Result.succeed({ ...result, cniVersion: target, json: { ...json, cniVersion: target } })
  }
  return reformat(format, targetFormat, json).pipe(
    Result.flatMap((converted) => readAs(target, { ...converted, cniVersion: target })),
    Result.mapError(({ reason }) => failed(reason))
  )
}

type Read = (json: JsonObject) => Result.Result<Omit<CniResult, "cniVersion">, DecodeIssue>

const readAs = (cniVersion: string, json: JsonObject): Result.Result<CniResult, DecodeIssue> => {
  const read = readers.get(cniVersion)
  return read === undefined
    ? Result.fail({ at: "cniVersion", reason: `unsupported CNI result version "${cniVersion}"` })
    : Result.map(read(json), (view) => ({ cniVersion, ...view }))
}

const viewOf = ({ dns, interfaces, ips, routes }: Result100) => ({
  interfaces: interfaces ?? [],
  ips: ips ?? [],
  routes: routes ?? [],
  dns: dns ?? {}
})

const read100: Read = (json) => Result.map(decode(Format100, json), (result) => ({ json: result, ...viewOf(result) }))

// Older versions write an empty dns; 1.x leaves it out.
const read040: Read = (json) =>
  Result.map(decode(Format040, json), (result) => ({
    json: { ...result, dns: result.dns ?? {} },
    ...viewOf(Conversion.to100From040(result))
  }))

const read020: Read = (json) =>
  Result.map(decode(Format020, json), (result) => ({
    json: { ...result, dns: result.dns ?? {} },
    ...viewOf(Conversion.to100From040(Conversion.to040From020(result)))
  }))

const readers: ReadonlyMap<string, Read> = new Map([
  ["0.1.0", read020],
  ["0.2.0", read020],
  ["0.3.0", read040],
  ["0.3.1", read040],
  ["0.4.0", read040],
  ["1.0.0", read100],
  ["1.1.0", read100]
])

const reformat = (from: Read, to: Read, json: JsonObject): Result.Result<JsonObject, DecodeIssue> => {
  const as040 = from === read100
    ? Result.map(decode(Format100, json), Conversion.to040From100)
    : from === read020
    ? Result.map(decode(Format020, json), Conversion.to040From020)
    : decode(Format040, json)
  if (to === read040) return as040
  if (to === read100) return Result.map(as040, Conversion.to100From040)
  return Result.flatMap(
    as040,
    (result) => Result.mapError(Conversion.to020From040(result), (reason) => ({ at: "ips", reason }))
  )
}
