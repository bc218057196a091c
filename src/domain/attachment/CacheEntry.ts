/** What is kept on disk about an attachment, in the form that all runtimes built on libcni read and write. */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import {
  defaultLimits,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  parseBytes,
  stringify
} from "../json/Json.ts"
import { decode as decodeWith, decodedBy, JsonMembers, lineOf, madeHere } from "../json/JsonCodec.ts"
import * as AttachmentKey from "./AttachmentKey.ts"

/**
 * A record of kind `cniCacheV1`. `config` is the original text; `unknown` are members that other runtimes added. Runtimes of
 * old left members of the key out, which are empty then.
 */
export type CacheRecord = AttachmentKey.AttachmentKey & {
  readonly _tag: "CacheRecord"
  readonly config: Uint8Array
  readonly netns: string
  readonly cniArgs: ReadonlyArray<readonly [key: string, value: string]>
  readonly capabilityArgs: JsonObject
  readonly result: JsonObject
  readonly unknown: JsonObject
}

/** As a Schema, a record encodes to one string, the text of its file. */
export const CacheRecord: Schema.Codec<CacheRecord, string> = Schema.String.pipe(
  Schema.decodeTo(madeHere<CacheRecord>("_tag", "config"), {
    decode: decodedBy((text: string) =>
      Result.flatMap(
        decode(new TextEncoder().encode(text), { maxBytes: Infinity, maxDepth: 2000 }),
        (entry) => entry._tag === "CacheRecord" ? Result.succeed(entry) : Result.fail(entry.issue ?? "it is no record")
      )
    ),
    encode: SchemaGetter.transform((record: CacheRecord) => encode(record))
  })
)

/**
 * A file of another shape: a bare result from before there were records (`issue` absent), or a damaged record, which may
 * still say whose it is; what `owner` does not say is empty.
 */
export interface ForeignEntry {
  readonly _tag: "ForeignEntry"
  readonly kind: string
  readonly owner: AttachmentKey.AttachmentKey | undefined
  readonly json: JsonObject
  readonly issue: string | undefined
}

/** A cache file that is JSON. */
export type CacheEntry = CacheRecord | ForeignEntry

/**
 * The record that listings show of a file: one that names its network and interface, of that container if one is given.
 * Where it names no container, it is of the one in the file's name.
 */
export const attachmentIn =
  (containerId: string | undefined) => (name: string, entry: CacheEntry): CacheRecord | undefined => {
    if (entry._tag !== "CacheRecord" || entry.ifName === "" || entry.network === "") return undefined
    const [key] = entry.containerId === "" ? AttachmentKey.ofFileName(name, entry) : []
    const record = key === undefined ? entry : { ...entry, ...key }
    return containerId === undefined || record.containerId === containerId ? record : undefined
  }

/** The attachment that an entry names, as far as it does; nothing where it is no record. */
export const ownerOf = (entry: CacheEntry): AttachmentKey.AttachmentKey | undefined =>
  entry._tag === "CacheRecord" ? AttachmentKey.of(entry) : entry.owner

/** The `kind` of the records that we write. */
export const kind = "cniCacheV1"

/**
 * What a record may be at most whose parts are within these limits: it has the configuration in base64, the result and
 * the capability arguments, each one level deeper.
 */
export const limitsFor = ({ maxBytes, maxDepth }: JsonLimits): JsonLimits => ({
  maxBytes: 4 * maxBytes,
  maxDepth: maxDepth + 2
})

/** Reads a cache file; the failure says why it is none, in words. */
export const decode = (
  bytes: Uint8Array,
  limits: JsonLimits = limitsFor(defaultLimits)
): Result.Result<CacheEntry, string> => Result.flatMap(parseBytes(bytes, limits), fromJson)

const fromJson = (value: Json): Result.Result<CacheEntry, string> => {
  const json = value ?? {}
  if (!isJsonObject(json)) return Result.fail("it is not a JSON object")
  const members = Result.mapError(decodeWith(Members, withoutNulls(json)), lineOf)
  return Result.succeed(Result.match(Result.flatMap(members, withConfig), {
    onFailure: (issue): CacheEntry => foreign(json, issue),
    onSuccess: (members): CacheEntry => members.kind === kind ? record(members, json) : foreign(json, undefined)
  }))
}

// As in Go, null is the same as leaving a member out.
const withoutNulls = (json: JsonObject): JsonObject =>
  Object.values(json).includes(null)
    ? Object.fromEntries(Object.entries(json).filter(([, member]) => member !== null))
    : json

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

// A listing of 10,000 records would take a fifth longer if null and base64 were the schema's to decode.
const Members = Schema.Struct({
  kind: Schema.optionalKey(Schema.String),
  containerId: Schema.optionalKey(Schema.String),
  // Go reads bytes from a list of numbers too.
  config: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Byte)])),
  ifName: Schema.optionalKey(Schema.String),
  networkName: Schema.optionalKey(Schema.String),
  netns: Schema.optionalKey(Schema.String),
  cniArgs: Schema.optionalKey(Schema.Array(Schema.NullOr(Schema.Array(Schema.NullOr(Schema.String))))),
  capabilityArgs: Schema.optionalKey(JsonMembers),
  result: Schema.optionalKey(JsonMembers)
})

const withConfig = ({ config = [], ...members }: typeof Members.Type) =>
  (typeof config === "string" ? Base64.decode(config) : Result.succeed(Uint8Array.from(config))).pipe(
    Result.mapBoth({
      onFailure: ({ message }) => `config: ${message}`,
      onSuccess: (bytes) => ({ ...members, config: bytes })
    })
  )

const record = (members: Result.Result.Success<ReturnType<typeof withConfig>>, json: JsonObject): CacheRecord => ({
  _tag: "CacheRecord",
  network: members.networkName ?? "",
  containerId: members.containerId ?? "",
  ifName: members.ifName ?? "",
  config: members.config,
  netns: members.netns ?? "",
  // libcni pads pairs that are too short and cuts those that are too long.
  cniArgs: (members.cniArgs ?? []).map((pair) => [pair?.[0] ?? "", pair?.[1] ?? ""]),
  capabilityArgs: members.capabilityArgs ?? {},
  result: members.result ?? {},
  unknown: unknownIn(json)
})

const unknownIn = (json: JsonObject): JsonObject =>
  Object.keys(json).every(isKnown) ? {} : Object.fromEntries(Object.entries(json).filter(([key]) => !isKnown(key)))

const isKnown = (key: string): boolean => Object.hasOwn(Members.fields, key)

const foreign = (json: JsonObject, issue: string | undefined): ForeignEntry => {
  const text = (member: string) => {
    const value = json[member]
    return typeof value === "string" ? value : ""
  }
  const own = text("kind")
  return {
    _tag: "ForeignEntry",
    kind: own,
    owner: own === kind
      ? { network: text("networkName"), containerId: text("containerId"), ifName: text("ifName") }
      : undefined,
    json,
    issue
  }
}

/** Writes a record, member for member as libcni does, then what other runtimes added. */
export const encode = (entry: CacheRecord): string => {
  const { capabilityArgs, cniArgs, config, containerId, ifName, netns, network, result, unknown } = entry
  const members: ReadonlyArray<JsonObject> = [
    { kind },
    { containerId },
    { config: Schema.encodeSync(Schema.Uint8ArrayFromBase64)(config) },
    { ifName },
    { networkName: network },
    netns === "" ? {} : { netns },
    cniArgs.length === 0 ? {} : { cniArgs },
    isEmpty(capabilityArgs) ? {} : { capabilityArgs },
    isEmpty(result) ? {} : { result },
    unknown
  ]
  return `{${members.filter((member) => !isEmpty(member)).map((member) => stringify(member).slice(1, -1)).join(",")}}`
}

const isEmpty = (object: JsonObject): boolean => Object.keys(object).length === 0
