import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, Cni } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { failingCache, withFailingCache } from "../support/faults.ts"
import { c1, network, prevResults, result } from "../support/network.ts"
import { overwrite, recorded, shared } from "../support/overwritten.ts"

const two = network(["a", "b"])
const plugins = { a: { ADD: result(1) }, b: { ADD: result(2) } }
const no = MemoryCni.fail({ code: 100, msg: "busy" })
const stored = AttachmentCache.use((cache) => Effect.map(cache.list(), (records) => records.length))

describe("delNetworkList", () => {
  it.effect("runs the chain backward with the stored result, then forgets it", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      yield* Cni.delNetworkList(two, c1)
      assert.deepStrictEqual((yield* prevResults).slice(2), [["b DEL", result(2)], ["a DEL", result(2)]])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("can be run again, and without a namespace", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(two, { containerId: "c1", ifName: "eth0" })
      assert.deepStrictEqual(yield* prevResults, [["b DEL", undefined], ["a DEL", undefined]])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("gives no prevResult below 0.4.0", () =>
    Effect.gen(function*() {
      const old = network(["a"], { cniVersion: "0.3.1" })
      yield* Cni.addNetworkList(old, c1)
      yield* Cni.delNetworkList(old, c1)
      assert.deepStrictEqual(yield* prevResults, [["a ADD", undefined], ["a DEL", undefined]])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: {} } }))))

  it.effect("stops at the first plugin that fails, and keeps the record", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      const error = yield* Effect.flip(Cni.delNetworkList(two, c1))
      assert(error._tag === "PluginError")
      assert.strictEqual(error.plugin, "b")
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["b DEL"])
      assert.strictEqual(yield* stored, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: result(2), DEL: no } }))))

  it.effect.each(["damaged", `{"cniVersion":"7.0.0"}`, `{"cniVersion":"1.0.0","ips":[null]}`])(
    "does without a record that it cannot use (%s), and removes it in the end",
    (text) =>
      Effect.gen(function*() {
        yield* Cni.delNetworkList(two, c1)
        assert.deepStrictEqual(yield* prevResults, [["b DEL", undefined], ["a DEL", undefined]])
        const cache = yield* AttachmentCache
        assert.strictEqual((yield* cache.get({ network: "net", containerId: "c1", ifName: "eth0" }))._tag, "None")
      }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": text } })))
  )

  it.effect("keeps a damaged record when a plugin fails", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Cni.delNetworkList(two, c1))
      const cache = yield* AttachmentCache
      const kept = yield* Effect.flip(cache.get({ network: "net", containerId: "c1", ifName: "eth0" }))
      assert.strictEqual(kept._tag, "CacheEntryInvalid")
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, a: { DEL: no } }, { cache: { "net-c1-eth0": "damaged" } }))))

  it.effect("leaves somebody else's record alone, even a damaged one", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(network(["a"], { name: "a" }), { ...c1, containerId: "b-c" })
      yield* Cni.delNetworkList(network(["a"], { name: "a" }), { ...c1, containerId: "b-d" })
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a DEL", "a DEL"])
      assert.strictEqual(yield* stored, 1)
      const cache = yield* AttachmentCache
      const damaged = yield* cache.get({ network: "a-b", containerId: "d", ifName: "eth0" })
      assert.strictEqual(damaged._tag, "Some")
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: {
        "a-b-c-eth0": `{"kind":"cniCacheV1","networkName":"a-b","containerId":"c","ifName":"eth0"}`,
        "a-b-d-eth0": `{"kind":"cniCacheV1","networkName":"a-b","containerId":"d","ifName":"eth0","config":"{"}`
      }
    }))))

  it.effect("gives what the journal has where another runtime has written over our record, and leaves that one", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, shared)
      yield* overwrite
      yield* Cni.delNetworkList(two, shared)
      assert.deepStrictEqual((yield* prevResults).slice(2), [["b DEL", result(2)], ["a DEL", result(2)]])
      assert.deepStrictEqual(yield* recorded, ["d"])
      assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("does without a record that it cannot read, keeps it, and reports that at the end", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(Cni.delNetworkList(two, c1), failingCache({ get: "EIO" })))
      assert(error._tag === "CacheIoError")
      assert.deepStrictEqual(yield* prevResults, [["b DEL", undefined], ["a DEL", undefined]])
      assert.strictEqual(yield* stored, 1)
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: { "net-c1-eth0": `{"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0"}` }
    }))))

  it.effect("reports a record that it cannot remove", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      const error = yield* Effect.flip(Cni.delNetworkList(two, c1))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.operation, "remove")
    }).pipe(Effect.provide(withFailingCache({ remove: "EROFS" }, MemoryCni.layer(plugins)))))

  it.effect.each(
    [
      ["InvalidVersion", network(["a"], { cniVersion: "1.x" }), c1],
      ["InvalidRuntimeConf", two, { ...c1, containerId: "../../etc" }],
      ["InvalidRuntimeConf", two, { ...c1, ifName: "x/../../passwd" }]
    ] as const
  )("fails with %s before anything is run or removed", ([tag, list, conf]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.delNetworkList(list, conf)))._tag, tag)
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})
