import { assert, describe, it } from "@effect/vitest"
import { Cni, CniError, PluginConfig } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { withFailingCache } from "../support/faults.ts"
import { c1, network, prevResults, result } from "../support/network.ts"

const one = network(["a"])
const plugins = { a: { ADD: result(1) } }
const record = (members: string) =>
  `{"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0","config":"e30="${members}}`

describe("the cached result", () => {
  it.effect("is that of the last ADD, or none", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
      const added = yield* Cni.addNetworkList(one, c1)
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.some(added))
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("is empty when the record has none", () =>
    Effect.gen(function*() {
      const found = yield* Cni.getNetworkListCachedResult(network(["a"], { cniVersion: "0.1.0" }), c1)
      assert.deepStrictEqual(Option.map(found, ({ json }) => json), Option.some({ cniVersion: "0.1.0", dns: {} }))
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": record("") } }))))

  it.effect("is damaged where a number does not fit into its field, which says the place, and DEL does without it", () =>
    Effect.gen(function*() {
      const look = Effect.flip(Cni.getNetworkListCachedResult(one, c1))
      for (const error of [yield* look, yield* Effect.flip(Cni.checkNetworkList(one, c1))]) {
        assert(error._tag === "CacheEntryInvalid")
        assert.strictEqual(error.issue, "routes[0].advmss: 9223372036854775808 does not fit into 64 bits")
      }
      yield* Cni.delNetworkList(one, c1)
      assert.deepStrictEqual(yield* prevResults, [["a DEL", undefined]])
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: {
        "net-c1-eth0": record(
          `,"result":{"cniVersion":"1.0.0","routes":[{"dst":"10.0.0.0/8","advmss":9223372036854775808}]}`
        )
      }
    }))))

  it.effect("is read from a damaged record as from a legacy file", () =>
    Effect.gen(function*() {
      const found = yield* Cni.getNetworkListCachedResult(network(["a"], { cniVersion: "0.1.0" }), c1)
      assert.isTrue(Option.isSome(found))
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": record(`,"cniArgs":[["A",1]]`) } }))))
})

describe("the cached configuration", () => {
  it.effect("is the stored text, and the caller's parameters with the stored arguments", () =>
    Effect.gen(function*() {
      const mine = { ...c1, netns: "/mine", args: [["MINE", "1"]] as const, capabilityArgs: { mine: true } }
      const found = Option.getOrThrow(yield* Cni.getNetworkListCachedConfig(one, mine))
      assert.strictEqual(new TextDecoder().decode(found.config), "{}")
      assert.deepStrictEqual(found.conf, { ...mine, args: [["A", "B"]], capabilityArgs: { x: 1 } })
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: { "net-c1-eth0": record(`,"cniArgs":[["A","B"]],"capabilityArgs":{"x":1}`) }
    }))))

  it.effect("keeps the caller's arguments where none are stored, but not the capability arguments", () =>
    Effect.gen(function*() {
      const mine = { ...c1, args: [["MINE", "1"]] as const, capabilityArgs: { mine: true } }
      const found = Option.getOrThrow(yield* Cni.getNetworkListCachedConfig(one, mine))
      assert.deepStrictEqual(found.conf, { ...mine, capabilityArgs: {} })
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": record("") } }))))

  it.effect.each([
    ["CacheKindMismatch", `{"cniVersion":"1.0.0"}`],
    ["CacheKindMismatch", `{"kind":"other"}`],
    ["CacheEntryInvalid", `{"kind":"cniCacheV1","containerId":5}`],
    ["CacheEntryInvalid", "not json"]
  ])("fails with %s for %s", ([tag, text]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.getNetworkListCachedConfig(one, c1)))._tag, tag)
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": text ?? "" } }))))

  it.effect.each([
    ["", "decoding version from network config: "],
    ["not json", "decoding version from network config: "],
    ["[]", "decoding version from network config: "],
    [record(`,"result":{"cniVersion":5}`), "decoding version from network config: "]
  ])("and the cached result fail in libcni's words for %j", ([text, words = ""]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.getNetworkListCachedResult(one, c1))
      assert.isTrue(CniError.format(error, { dialect: "libcni" }).startsWith(words))
      const unchecked = yield* Effect.flip(Cni.checkNetworkList(one, c1))
      assert.isTrue(
        CniError.format(unchecked, { dialect: "libcni", operation: "checkNetworkList" }).startsWith(
          `failed to get network "net" cached result: ${words}`
        )
      )
      const config = yield* Effect.result(Cni.getNetworkListCachedConfig(one, c1))
      if (Result.isSuccess(config)) return assert.include(text, "result")
      assert.isTrue(
        CniError.format(config.failure, { dialect: "libcni" }).startsWith(
          `failed to unmarshal cached network "net" config: `
        )
      )
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": text ?? "" } }))))

  it.effect.each([
    `{"kind":"cniCacheV1","containerId":5}`,
    record("").replace("e30=", "no base64!"),
    record(`,"cniArgs":5`)
  ])("fails in libcni's words for %s", (text) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.getNetworkListCachedConfig(one, c1))
      assert.isTrue(
        CniError.format(error, { dialect: "libcni" }).startsWith(`failed to unmarshal cached network "net" config: `)
      )
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": text } }))))

  it.effect("and the cached result fail when the record cannot be read, and before that for bad names", () =>
    Effect.gen(function*() {
      const bad = { ...c1, containerId: "../x" }
      assert.strictEqual((yield* Effect.flip(Cni.getNetworkListCachedConfig(one, c1)))._tag, "CacheIoError")
      assert.strictEqual((yield* Effect.flip(Cni.getNetworkListCachedResult(one, c1)))._tag, "CacheIoError")
      assert.strictEqual((yield* Effect.flip(Cni.getNetworkListCachedConfig(one, bad)))._tag, "InvalidRuntimeConf")
      assert.strictEqual((yield* Effect.flip(Cni.getNetworkListCachedResult(one, bad)))._tag, "InvalidRuntimeConf")
    }).pipe(Effect.provide(withFailingCache({ get: "EACCES" }, MemoryCni.layer(plugins)))))
})

describe("the single-plugin operations", () => {
  it.effect("use the plugin's own name, version and text", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"net","type":"a"}`)
      const added = yield* Cni.addNetwork(plugin, c1)
      yield* Cni.checkNetwork(plugin, c1)
      assert.deepStrictEqual(yield* Cni.getNetworkCachedResult(plugin, c1), Option.some(added))
      const { config } = Option.getOrThrow(yield* Cni.getNetworkCachedConfig(plugin, c1))
      assert.deepStrictEqual(config, plugin.bytes)
      yield* Cni.delNetwork(plugin, c1)
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "a CHECK", "a DEL"])
      assert.deepStrictEqual(yield* Cni.getNetworkCachedResult(plugin, c1), Option.none())
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("need a name", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","type":"a"}`)
      const refused = yield* Effect.all([
        Effect.flip(Cni.addNetwork(plugin, c1)),
        Effect.flip(Cni.checkNetwork(plugin, c1)),
        Effect.flip(Cni.delNetwork(plugin, c1))
      ])
      for (const error of refused) {
        assert(error._tag === "InvalidRuntimeConf")
        assert.deepStrictEqual([error.field, error.code], ["network", 7])
      }
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})
