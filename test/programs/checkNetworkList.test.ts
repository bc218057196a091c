import { assert, describe, it } from "@effect/vitest"
import { Cni, Tunables } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { withFailingCache } from "../support/faults.ts"
import { c1, network, prevResults, result } from "../support/network.ts"

const two = network(["a", "b"])
const plugins = { a: { ADD: result(1) }, b: { ADD: result(2) } }

describe("checkNetworkList", () => {
  it.effect("runs the chain forward, each plugin with the stored result", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      yield* Cni.checkNetworkList(two, c1)
      assert.deepStrictEqual((yield* prevResults).slice(2), [["a CHECK", result(2)], ["b CHECK", result(2)]])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("stops at the first plugin that finds something amiss", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      const error = yield* Effect.flip(Cni.checkNetworkList(two, c1))
      assert(error._tag === "PluginError")
      assert.deepStrictEqual([error.plugin, error.command, error.code], ["a", "CHECK", 11])
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["a CHECK"])
    }).pipe(Effect.provide(MemoryCni.layer({
      ...plugins,
      a: { ADD: result(1), CHECK: MemoryCni.fail({ code: 11, msg: "no address" }) }
    }))))

  it.effect("is not there below 0.4.0, even when it is disabled", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Cni.checkNetworkList(network(["a"], { cniVersion: "0.3.1", disableCheck: true }), c1)
      )
      assert(error._tag === "CheckNotSupported")
      assert.strictEqual(error.cniVersion, "0.3.1")
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("does nothing when it is disabled", () =>
    Effect.gen(function*() {
      yield* Cni.checkNetworkList(network(["a", "missing"], { disableCheck: true }), c1)
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("refuses what is not attached, or only another interface of it", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(two, c1)
      const error = yield* Effect.flip(Cni.checkNetworkList(two, { ...c1, ifName: "eth1" }))
      assert.strictEqual(error._tag, "NotAttached")
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), [])
      yield* Effect.provideService(Cni.checkNetworkList(two, { ...c1, ifName: "eth1" }), Tunables.Compat, "libcni")
      assert.deepStrictEqual((yield* prevResults).slice(2), [["a CHECK", undefined], ["b CHECK", undefined]])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("takes somebody else's record for none", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Cni.checkNetworkList(network(["a"], { name: "a" }), { ...c1, containerId: "b-c" })
      )
      assert.strictEqual(error._tag, "NotAttached")
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: { "a-b-c-eth0": `{"kind":"cniCacheV1","networkName":"a-b","containerId":"c","ifName":"eth0"}` }
    }))))

  it.effect("uses a legacy file that holds a bare result", () =>
    Effect.gen(function*() {
      yield* Cni.checkNetworkList(network(["a"]), c1)
      assert.deepStrictEqual(yield* prevResults, [["a CHECK", result(9)]])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": JSON.stringify(result(9)) } }))))

  it.effect.each([
    ["CacheEntryInvalid", "half a rec"],
    ["CacheEntryInvalid", `{"cniVersion":"1.0.0","ips":[null]}`],
    ["CacheEntryInvalid", `{"cniVersion":"7.0.0"}`]
  ])("fails with %s for a stored %s", ([tag, text]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.checkNetworkList(two, c1)))._tag, tag)
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": text ?? "" } }))))

  it.effect("fails when the record cannot be read", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.checkNetworkList(two, c1))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.reason, "EACCES")
    }).pipe(Effect.provide(withFailingCache({ get: "EACCES" }, MemoryCni.layer(plugins)))))

  it.effect.each(
    [
      ["InvalidVersion", network(["a"], { cniVersion: "x" }), c1],
      ["InvalidRuntimeConf", two, { ...c1, ifName: "../x" }]
    ] as const
  )("fails with %s before anything is read", ([tag, list, conf]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.checkNetworkList(list, conf)))._tag, tag)
    }).pipe(Effect.provide(withFailingCache({ get: "EACCES" }, MemoryCni.layer(plugins)))))
})
