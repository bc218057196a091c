/** Everything that crosses a process survives it: encoded, written as JSON, parsed and decoded, it is what it was. */
import { assert, describe, it } from "@effect/vitest"
import {
  Attachment,
  CacheEntry,
  CniError,
  CniResult,
  CniVersion,
  GcPlan,
  JournalEntry,
  Json,
  NetworkConfigList,
  PluginConfig,
  Recovery,
  RuntimeConf
} from "effect-cni"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { times } from "../support/extent.ts"

const cross = <T, E>(schema: Schema.Codec<T, E>, value: T): T => {
  const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))
  return Schema.decodeUnknownSync(schema)(json)
}

const survives = <T, E>(schema: Schema.Codec<T, E>, value: T): void => {
  assert.deepStrictEqual(cross(schema, value), value)
}

// What does not fit into a double is refused as JSON.
const Integer = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(10n ** 60n), maximum: 10n ** 60n }))

/** Unknown members: odd names and texts, and integers of any length. */
const Unknown = Schema.Record(
  Schema.String,
  Schema.Union([Integer, Schema.String, Schema.Int, Schema.Boolean, Schema.Null, Schema.Array(Integer)])
)

const jsonOf = (members: typeof Unknown.Type): Json.JsonObject => {
  const odd = { vendor: { ...members, big: [9007199254740993n, -(10n ** 40n)], "\\\n\u{1F600}": "\u2028<&>\0" } }
  const json = Result.getOrThrow(Json.parse(Json.stringify(odd)))
  assert(Json.isJsonObject(json))
  return json
}

const resultOf = (cniVersion: string, unknown: Json.JsonObject): CniResult.CniResult => {
  const isOldest = cniVersion < "0.3.0"
  const json = isOldest
    ? { cniVersion, ip4: { ip: "10.1.0.5/24", ...unknown }, ...unknown }
    : { cniVersion, ips: [{ version: "4", address: "10.1.0.5/24", ...unknown }], routes: [{ dst: "::/0" }], ...unknown }
  return Result.getOrThrow(CniResult.fromJson(json, ""))
}

const pluginOf = (unknown: Json.JsonObject) => ({
  type: "bridge",
  name: "own",
  capabilities: { ips: true, mac: false },
  ...unknown
})

const listOf = (name: string, unknown: Json.JsonObject): NetworkConfigList.NetworkConfigList =>
  Effect.runSync(NetworkConfigList.fromText(
    Json.stringify({
      cniVersion: "1.0.0",
      name,
      disableGC: true,
      plugins: [pluginOf(unknown), { type: "tuning" }],
      ...unknown
    })
  ))

const recordOf = (unknown: Json.JsonObject, text: string): CacheEntry.CacheRecord => ({
  _tag: "CacheRecord",
  network: "net",
  containerId: "c1",
  ifName: "eth0",
  config: new TextEncoder().encode(text),
  netns: text,
  cniArgs: [["A", text]],
  capabilityArgs: unknown,
  result: unknown,
  unknown
})

const owner: JournalEntry.Owner = { pid: 7, startTime: "12", lease: "l", ancestors: [1, 2] }

const entryOf = (unknown: Json.JsonObject, text: string): JournalEntry.JournalEntry => ({
  id: text,
  network: "net",
  containerId: "c1",
  ifName: "eth0",
  state: "failed",
  cniVersion: "1.0.0",
  plugins: [unknown, { type: "bridge" }],
  netns: text,
  cniArgs: [["A", text]],
  capabilityArgs: unknown,
  namespace: text === "" ? undefined : { device: "1", inode: text, boot: "b" },
  owner,
  scoped: true,
  operation: { owner, netns: text, searchPath: "/opt/cni/bin" },
  look: text === "" ? undefined : "free",
  ownNamespace: false,
  result: text === "" ? undefined : unknown,
  done: 1,
  running: text === "" ? undefined : { pid: 8, startTime: "", command: "DEL", path: text },
  since: 1.5,
  changed: 2,
  issue: text === "" ? undefined : text
})

const key = { network: "net", containerId: "c1", ifName: "eth0" }

describe("what crosses a process", () => {
  const runs = { arbitrary: { runs: times({ part: 50, whole: 500 }) } }

  it.prop("keeps results of every version", [Unknown], ([members]) => {
    for (const version of CniVersion.supported) {
      const result = resultOf(version, jsonOf(members))
      survives(CniResult.CniResult, result)
      survives(Attachment, { ...key, result })
    }
  }, runs)

  it.prop(
    "keeps configurations, with the bytes that they were read from",
    [Unknown, Schema.Uint8Array],
    ([members, more]) => {
      const unknown = jsonOf(members)
      const list = listOf("net", unknown)
      survives(NetworkConfigList.NetworkConfigList, list)
      survives(NetworkConfigList.NetworkConfigList, {
        ...list,
        bytes: new Uint8Array(more),
        source: new Uint8Array(more)
      })
      const plugin = Effect.runSync(PluginConfig.fromText(Json.stringify(pluginOf(unknown))))
      survives(PluginConfig.StandalonePluginConfig, plugin)
      const { bytes: _, ...inList } = plugin
      survives(PluginConfig.PluginConfig, inList)
    },
    runs
  )

  it.prop("keeps parameters", [Unknown, Schema.String], ([members, text]) => {
    survives(RuntimeConf.RuntimeConf, { containerId: text, ifName: text })
    survives(RuntimeConf.RuntimeConf, {
      containerId: text,
      ifName: text,
      netns: text,
      args: [[text, text]],
      capabilityArgs: jsonOf(members)
    })
  }, runs)

  it.prop("keeps records, journal entries and plans of a GC", [Unknown, Schema.String], ([members, odd]) => {
    // JSON that we write has no halves of characters.
    const text = odd.toWellFormed()
    const unknown = jsonOf(members)
    const record = recordOf(unknown, text)
    const entry = entryOf(unknown, text)
    const list = listOf("net", unknown)
    survives(CacheEntry.CacheRecord, record)
    survives(JournalEntry.JournalEntry, entry)
    survives(GcPlan, {
      keep: [{ containerId: odd, ifName: odd }],
      stale: [
        { ...key, list, reason: "unwanted", entry, record },
        { ...key, list, reason: "unfinished", entry, record: undefined },
        { ...key, list, reason: "unwanted", entry: undefined, record }
      ]
    })
  }, runs)

  it.prop("keeps what a recovery found", [Recovery], ([recovery]) => {
    survives(Recovery, recovery)
  }, runs)

  // JSON has no negative zero that JSON.stringify writes.
  const withoutNegativeZero = (_: string, value: unknown): unknown => Object.is(value, -0) ? 0 : value
  const membersOf = (error: CniError.AnyError): unknown =>
    JSON.stringify(Schema.encodeSync(CniError.AnyError)(error), withoutNegativeZero)

  it.prop("keeps every error, with its message", [Schema.Tuple(CniError.AnyError.members)], ([errors]) => {
    for (const error of errors) {
      const crossed = cross(CniError.AnyError, error)
      assert.strictEqual(crossed._tag, error._tag)
      assert.isTrue(crossed instanceof Error)
      assert.strictEqual(crossed.message, error.message)
      assert.strictEqual(membersOf(crossed), membersOf(error))
    }
  }, runs)
})
