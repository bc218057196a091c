/** The result of an ADD: as the plugin gave it, in its own version, and the same for everybody in the terms of 1.x. */
import * as Result from "effect/Result"
import { ResultConversionError } from "./CniError.ts"
import { decode, type DecodeIssue } from "./DecodeIssue.ts"
import { isJsonObject, type Json, type JsonObject } from "./Json.ts"
import { type Dns, Format020, Format040, Format100, type Interface, type IpConfig, type Route } from "./ResultFormat.ts"

export type { Dns, Interface, IpConfig, Route }

/**
 * A result (spec, section 5 "Success").
 *
 * - `cniVersion`: the version that it came in.
 * - `json`: the whole of it in that version, canonical, with members that we do not know.
 * - `interfaces`, `ips`, `routes`, `dns`: what it says in the terms of 1.x, whatever its version.
 */
export interface CniResult {
  readonly cniVersion: string
  readonly json: JsonObject
  readonly interfaces: ReadonlyArray<Interface>
  readonly ips: ReadonlyArray<IpConfig>
  readonly routes: ReadonlyArray<Route>
  readonly dns: Dns
}

/**
 * Reads a result. Without a version of its own (missing, empty, not a string) it has `defaultVersion`, and without
 * that 0.1.0; `null` is an empty result.
 */
export const fromJson = (json: Json, defaultVersion: string): Result.Result<CniResult, DecodeIssue> => {
  const members = json === null ? {} : json
  if (!isJsonObject(members)) return Result.fail({ at: "", reason: "a result must be a JSON object" })
  const own = members["cniVersion"]
  const cniVersion = (typeof own === "string" && own !== "" ? own : defaultVersion) || "0.1.0"
  const read = readers.get(cniVersion)
  if (read === undefined) {
    return Result.fail({ at: "cniVersion", reason: `unsupported CNI result version "${cniVersion}"` })
  }
  return Result.map(read({ ...members, cniVersion }), (view) => ({ cniVersion, ...view }))
}

/** The same result in another version. */
export const convert = (result: CniResult, to: string): Result.Result<CniResult, ResultConversionError> =>
  result.cniVersion === (to === "" ? "0.1.0" : to)
    ? Result.succeed(result)
    : Result.fail(new ResultConversionError({ from: result.cniVersion, to }))

type Read = (json: JsonObject) => Result.Result<Omit<CniResult, "cniVersion">, DecodeIssue>

const read100: Read = (json) =>
  Result.map(decode(Format100, json), (result) => ({
    json: result,
    interfaces: result.interfaces ?? [],
    ips: result.ips ?? [],
    routes: result.routes ?? [],
    dns: result.dns ?? {}
  }))

const read040: Read = (json) =>
  Result.map(decode(Format040, json), (result) => ({
    json: { ...result, dns: result.dns ?? {} },
    interfaces: result.interfaces ?? [],
    ips: (result.ips ?? []).map(({ version, ...ip }) => ip),
    routes: result.routes ?? [],
    dns: result.dns ?? {}
  }))

const read020: Read = (json) =>
  Result.map(decode(Format020, json), (result) => {
    const families = [result.ip4, result.ip6].filter((family) => family !== undefined)
    return {
      json: { ...result, dns: result.dns ?? {} },
      interfaces: [],
      ips: families.map(({ gateway, ip }) => ({ address: ip, ...(gateway === undefined ? {} : { gateway }) })),
      routes: families.flatMap(({ routes }) => routes ?? []),
      dns: result.dns ?? {}
    }
  })

const readers: ReadonlyMap<string, Read> = new Map([
  ["0.1.0", read020],
  ["0.2.0", read020],
  ["0.3.0", read040],
  ["0.3.1", read040],
  ["0.4.0", read040],
  ["1.0.0", read100],
  ["1.1.0", read100]
])
