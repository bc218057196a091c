/** D6, D8, D16, D22 and D39: whose a record is, what it says, and what is made of one that cannot be used. */
import { Effect, Result } from "effect"
import { Json } from "effect-cni"
import { isArray, isMembers } from "../json.ts"
import type { Failure } from "../vector.ts"
import { isTooMuchOfARecord } from "./limits.ts"
import type { Rt } from "./request.ts"
import { converted, type Known, resultOf } from "./results.ts"
import { otherCase } from "./shapes.ts"
import type { Situation } from "./situation.ts"

/** Which attachment a record is of. */
export interface Key {
  readonly network: string
  readonly containerId: string
  readonly ifName: string
}

/** The name of its file. */
export const fileName = ({ containerId, ifName, network }: Key): string => `${network}-${containerId}-${ifName}`

/** A record: what it says of the attachment, and its text as JSON. */
export interface Stored extends Key {
  readonly config: Uint8Array
  readonly netns: string
  readonly cniArgs: Rt["args"]
  readonly capabilityArgs: Json.JsonObject
  readonly result: Json.Json
}

/** What stands under a file name: a record, JSON of another kind, or what is no JSON object at all. */
export type Entry =
  | { readonly kind: "record"; readonly record: Stored }
  | { readonly kind: "foreign"; readonly json: Json.JsonObject; readonly isDamaged: boolean }
  | { readonly kind: "damaged" }

const names = ["kind", "containerId", "config", "ifName", "networkName", "netns", "cniArgs", "capabilityArgs", "result"]

/** Reads a cache file by exact keys. */
export const decode = (situation: Situation, text: string): Entry => {
  if (isTooMuchOfARecord(text)) {
    situation.require("D27")
    return { kind: "damaged" }
  }
  const json = Result.getOrElse(Result.map(Json.parse(text, Infinity), (value) => value ?? {}), () => undefined)
  if (!Json.isJsonObject(json)) return { kind: "damaged" }
  if (otherCase(json, names)) situation.require("D22")
  const issue = isWellFormed(json)
  if (!issue || json["kind"] !== "cniCacheV1") return { kind: "foreign", json, isDamaged: !issue }
  const text_ = (key: string): string => typeof json[key] === "string" ? json[key] : ""
  const { capabilityArgs, cniArgs, config, result } = json
  return {
    kind: "record",
    record: {
      network: text_("networkName"),
      containerId: text_("containerId"),
      ifName: text_("ifName"),
      config: isArray(config) ? Uint8Array.from(config, Number) : Buffer.from(text_("config"), "base64"),
      netns: text_("netns"),
      cniArgs: isArray(cniArgs) ? cniArgs.map(pair) : [],
      capabilityArgs: Json.isJsonObject(capabilityArgs) ? capabilityArgs : {},
      result: result ?? {}
    }
  }
}

const pair = (value: unknown): readonly [string, string] => {
  const [key, text] = isArray(value) ? value : []
  return [typeof key === "string" ? key : "", typeof text === "string" ? text : ""]
}

const isWellFormed = (json: Json.JsonObject): boolean => {
  const isText = (key: string) => (json[key] ?? null) === null || typeof json[key] === "string"
  const isObject = (key: string) => (json[key] ?? null) === null || isMembers(json[key])
  const { cniArgs = null, config = null } = json
  return ["kind", "containerId", "ifName", "networkName", "netns"].every(isText) &&
    ["capabilityArgs", "result"].every(isObject) &&
    (config === null || (typeof config === "string" ? isBase64(config) : isBytes(config))) &&
    (cniArgs === null || (isArray(cniArgs) && cniArgs.every(isTexts)))
}

const isBase64 = (text: string): boolean => {
  const joined = text.replaceAll(/[\r\n]/g, "")
  return joined.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(joined)
}

const isTexts = (value: unknown): boolean =>
  value === null || (isArray(value) && value.every((text) => text === null || typeof text === "string"))

const isBytes = (value: unknown): boolean =>
  isArray(value) && value.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) <= 255)

/** Whether a file stands where the directory of the cache should be, or a directory where a record should be. */
export const isBlocked = (situation: Situation, key?: Key): boolean =>
  situation.setting.fixture.cache["../results"] !== undefined ||
  (key !== undefined && [...situation.cache.keys()].some((name) => name.startsWith(`${fileName(key)}/`)))

/** The entry of an attachment; nothing where there is none, or it is somebody else's. */
export const own = (situation: Situation, key: Key): Effect.Effect<Entry | undefined, Failure> => {
  if (isBlocked(situation, key)) return situation.refuse("D8", { tag: "CacheIoError" })
  const text = situation.cache.get(fileName(key))
  if (text === undefined) return Effect.undefined
  const entry = decode(situation, text)
  const owner = ownerOf(entry)
  if (owner === undefined || isOf(owner, key)) return Effect.succeed(entry)
  situation.require("D6")
  return Effect.undefined
}

// A damaged record may still say whose it is.
const ownerOf = (entry: Entry): Key | undefined => {
  if (entry.kind === "record") return entry.record
  if (entry.kind === "damaged" || entry.json["kind"] !== "cniCacheV1") return undefined
  const { json } = entry
  const text = (member: string) => typeof json[member] === "string" ? json[member] : ""
  return { network: text("networkName"), containerId: text("containerId"), ifName: text("ifName") }
}

/** Whether a record is that of an attachment, as far as it says whose it is. */
export const isOf = (record: Key, key: Key): boolean =>
  (["network", "containerId", "ifName"] as const).every((member) =>
    record[member] === "" || record[member] === key[member]
  )

const damaged: Failure = { tag: "CacheEntryInvalid", goSpecificText: true }

/** The result of an entry in the version of a configuration. */
export const storedResult = (
  situation: Situation,
  entry: Entry,
  cniVersion: string
): Effect.Effect<Known, Failure> => {
  if (entry.kind === "damaged") return Effect.fail(damaged)
  const json = entry.kind === "record" ? entry.record.result : entry.json
  const version = Json.isJsonObject(json) ? json["cniVersion"] ?? "" : ""
  if (typeof version !== "string") return Effect.fail(damaged)
  return Effect.mapError(
    Effect.fromResult(Result.flatMap(resultOf(situation, json, ""), (known) => converted(known, cniVersion))),
    () => damaged
  )
}

/** Every attachment in the cache, ordered by file name, with the name of its file. */
export const listed = (situation: Situation): ReadonlyArray<readonly [file: string, record: Stored]> =>
  [...situation.cache].filter(([name]) => !name.includes("/"))
    .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .flatMap(([name, text]): ReadonlyArray<readonly [string, Stored]> => {
      const entry = decode(situation, text)
      return entry.kind === "record" && entry.record.ifName !== "" && entry.record.network !== ""
        ? [[name, withContainer(situation, name, entry.record)]]
        : []
    })

/** A record that names no container is of the one in its file's name. */
const withContainer = (situation: Situation, name: string, record: Stored): Stored => {
  const containerId = name.slice(record.network.length + 1, -record.ifName.length - 1)
  const isFileOf = containerId !== "" && fileName({ ...record, containerId }) === name
  return record.containerId === "" && isFileOf && situation.applies("D39") ? { ...record, containerId } : record
}
