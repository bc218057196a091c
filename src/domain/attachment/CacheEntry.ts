/** What is kept on disk about an attachment, in the form that all runtimes built on libcni read and write. */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decode as decodeWith } from "../json/DecodeIssue.ts"
import {
  defaultLimits,
  isJson,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  parseBytes,
  stringify
} from "../json/Json.ts"
import * as Shape from "../json/JsonShape.ts"
import * as AttachmentKey from "./AttachmentKey.ts"

/**
 * A record of kind `cniCacheV1`. `config` is the original text; `unknown` are members that other runtimes added. Runtimes of
 * old left members of the key out, which are empty then.
 */
export interface CacheRecord extends AttachmentKey.AttachmentKey {
  readonly _tag: "CacheRecord"
  readonly config: Uint8Array
  readonly netns: string
  readonly cniArgs: ReadonlyArray<readonly [key: string, value: string]>
  readonly capabilityArgs: JsonObject
  readonly result: JsonObject
  readonly unknown: JsonObject
}

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
): Result.Result<CacheEntry, string> => decodeBy(Base64.decode, bytes, limits)

/** Reads many files one after the other. Those of one network mostly have the same `config`, which is decoded once then. */
export const decodeMany = (limits: JsonLimits): (bytes: Uint8Array) => Result.Result<CacheEntry, string> => {
  let last = ""
  let decoded = Base64.decode(last)
  const config = (text: string) => {
    if (text !== last) decoded = Base64.decode(last = text)
    // Each record has bytes of its own, because a caller may change them.
    return Result.map(decoded, (bytes) => bytes.slice())
  }
  return (bytes) => decodeBy(config, bytes, limits)
}

const decodeBy = (config: typeof Base64.decode, bytes: Uint8Array, limits: JsonLimits) =>
  Result.flatMap(parseBytes(bytes, limits), (value): Result.Result<CacheEntry, string> => {
    const json = value ?? {}
    if (!isJsonObject(json)) return Result.fail("it is not a JSON object")
    const usual = usualRecord(json, config)
    if (usual !== undefined) return Result.succeed(usual)
    return Result.succeed(Result.match(decodeWith(KnownMembers, json), {
      onFailure: ({ at, reason }): CacheEntry => foreign(json, at === "" ? reason : `${at}: ${reason}`),
      onSuccess: (known): CacheEntry => known.kind === kind ? record(known, json) : foreign(json, undefined)
    }))
  })

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

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const JsonMembers = Schema.declare((value): value is JsonObject => isJson(value, Infinity) && isJsonObject(value))

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

const KnownMembers = Schema.Struct({
  kind: maybe(Schema.String),
  containerId: maybe(Schema.String),
  // Go reads bytes from a list of numbers too.
  config: maybe(Schema.Union([Schema.Uint8ArrayFromBase64, Schema.Array(Byte)])),
  ifName: maybe(Schema.String),
  networkName: maybe(Schema.String),
  netns: maybe(Schema.String),
  cniArgs: maybe(Schema.Array(Schema.NullOr(Schema.Array(Schema.NullOr(Schema.String))))),
  capabilityArgs: maybe(JsonMembers),
  result: maybe(JsonMembers)
})

// Of what nobody damaged. The schema knows what else Go reads.
const isUsual = Shape.objectWith({
  kind: Shape.oneOf([kind]),
  containerId: Shape.text,
  config: Shape.text,
  ifName: Shape.text,
  networkName: Shape.text
}, {
  netns: Shape.text,
  cniArgs: Shape.listOf(Shape.pairOf(Shape.text)),
  capabilityArgs: Shape.object,
  result: Shape.object
})

const usualRecord = (json: JsonObject, decodeConfig: typeof Base64.decode): CacheRecord | undefined => {
  if (!isUsual(json)) return undefined
  const config = Result.getOrUndefined(decodeConfig(json.config))
  return config && {
    _tag: "CacheRecord",
    network: json.networkName,
    containerId: json.containerId,
    ifName: json.ifName,
    config,
    netns: json.netns ?? "",
    cniArgs: json.cniArgs ?? [],
    capabilityArgs: json.capabilityArgs ?? {},
    result: json.result ?? {},
    unknown: unknownIn(json)
  }
}

const isKnown = (key: string): boolean => Object.hasOwn(KnownMembers.fields, key)

const unknownIn = (json: JsonObject): JsonObject =>
  Object.keys(json).every(isKnown) ? {} : Object.fromEntries(Object.entries(json).filter(([key]) => !isKnown(key)))

const record = (known: typeof KnownMembers.Type, json: JsonObject): CacheRecord => ({
  _tag: "CacheRecord",
  network: known.networkName ?? "",
  containerId: known.containerId ?? "",
  ifName: known.ifName ?? "",
  config: Uint8Array.from(known.config ?? []),
  netns: known.netns ?? "",
  // libcni pads pairs that are too short and cuts those that are too long.
  cniArgs: (known.cniArgs ?? []).map((pair) => [pair?.[0] ?? "", pair?.[1] ?? ""]),
  capabilityArgs: known.capabilityArgs ?? {},
  result: known.result ?? {},
  unknown: unknownIn(json)
})
