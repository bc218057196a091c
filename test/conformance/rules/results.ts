/** D16, D17, D22 and D26: results keep what we do not know, are converted on the way, and are read by exact keys. */
import { Result } from "effect"
import { CniResult, Json } from "effect-cni"
import { differences, isMembers } from "../json.ts"
import { hasHoles, hasOtherCase, putBack, shapes, strip } from "./shapes.ts"
import type { Situation } from "./situation.ts"

/** A result: what its version knows of it, in canonical form, and the same with everything else that it has. */
export interface Known {
  readonly known: CniResult.CniResult
  readonly full: unknown
}

/** What others see of a result: libcni drops what it does not know. */
export const shown = (situation: Situation, { full, known }: Known): unknown =>
  full !== known.json && situation.applies("D16") ? full : known.json

/** Reads what a plugin wrote, or what is stored, as a result of its own or else of this version. */
export const resultOf = (situation: Situation, json: Json.Json, version: string): Result.Result<Known, void> => {
  const members = json ?? {}
  const own = Json.isJsonObject(members) ? members["cniVersion"] : undefined
  const named = typeof own === "string" && own !== "" ? own : version || "0.1.0"
  return readResult(situation, members, named, (stripped) => CniResult.fromJson(stripped, version))
}

/**
 * Reads a result with the library as far as it is known, and puts the unknown members back by itself. That the library
 * is right about the known ones is what the steps show that are as recorded.
 */
export const readResult = (
  situation: Situation,
  json: Json.Json,
  version: string,
  read: (stripped: Json.Json) => Result.Result<CniResult.CniResult, unknown>
): Result.Result<Known, void> => {
  const shape = shapes.get(version)
  if (shape === undefined) return Result.failVoid
  if (hasHoles(json, shape)) situation.require("D26")
  if (hasOtherCase(json, shape)) situation.require("D22")
  const stripped = strip(json, shape)
  return (Json.isJson(stripped) ? read(stripped) : Result.failVoid).pipe(
    Result.mapError(() => undefined),
    Result.map((known) => ({
      known,
      full: differences(json, stripped, "").length === 0 ? known.json : putBack(known.json, json, shape)
    }))
  )
}

/** A result in another version; what is unknown comes along where the format stays the same. */
export const converted = ({ full, known }: Known, to: string): Result.Result<Known, void> => {
  const version = to || "0.1.0"
  if (known.cniVersion === version) return Result.succeed({ full, known })
  const isAlike = shapes.get(known.cniVersion) === shapes.get(version)
  return CniResult.convert(known, version).pipe(
    Result.mapError(() => undefined),
    Result.map((other) => ({
      known: other,
      full: isAlike && full !== known.json && isMembers(full) ? { ...full, cniVersion: version } : other.json
    }))
  )
}
