/** The operations that are about a network and no container of it: VALIDATE, VERSION, STATUS, and what is attached. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigs, PluginConfig, Tunables } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { c1, network, result } from "../support/network.ts"

const speaks = (...supportedVersions: ReadonlyArray<string>) => ({
  VERSION: { cniVersion: "1.1.0", supportedVersions }
})
const refuses = (code: number) => ({ STATUS: MemoryCni.fail({ code, msg: "no" }) })
const ready = network(["a", "b"], { cniVersion: "1.1.0" })

describe("getVersionInfo", () => {
  it.effect("asks as old plugins want it, once while the executable is the same", () =>
    Effect.gen(function*() {
      const info = yield* Cni.getVersionInfo("a")
      yield* Cni.getVersionInfo("a")
      assert.deepStrictEqual(info, { cniVersion: "1.1.0", supportedVersions: ["0.4.0", "1.0.0"] })
      const [run, ...others] = yield* PluginInvocations.use(({ all }) => all)
      assert.deepStrictEqual(others, [])
      assert(run !== undefined)
      assert.strictEqual(run.stdin, `{"cniVersion":"1.1.0"}`)
      assert.deepStrictEqual(run.environment, {
        CNI_COMMAND: "VERSION",
        CNI_CONTAINERID: "",
        CNI_NETNS: "dummy",
        CNI_ARGS: "",
        CNI_IFNAME: "dummy",
        CNI_PATH: "dummy"
      })
      yield* Effect.provideService(Cni.getVersionInfo("a"), Tunables.VersionCache, "off")
      assert.strictEqual((yield* MemoryCni.invocations).length, 2)
    }).pipe(Effect.provide(MemoryCni.layer({ a: speaks("0.4.0", "1.0.0") }))))

  it.effect("asks once for many that want to know at the same time, and again after a failure", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Cni.getVersionInfo("a"))
      yield* Effect.forEach(Array.from({ length: 50 }), () => Cni.getVersionInfo("a"), { concurrency: "unbounded" })
      assert.strictEqual((yield* MemoryCni.invocations).length, 2)
    }).pipe(Effect.provide(MemoryCni.layer({
      a: { VERSION: [MemoryCni.fail({ code: 11, msg: "later" }), speaks("1.0.0").VERSION] }
    }))))

  it.effect("knows plugins that do not know the command", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* Cni.getVersionInfo("old")).supportedVersions, ["0.1.0"])
      assert.deepStrictEqual((yield* Cni.getVersionInfo("bare")).supportedVersions, ["0.1.0", "0.2.0"])
    }).pipe(Effect.provide(MemoryCni.layer({
      old: { VERSION: MemoryCni.fail({ code: 4, msg: "unknown CNI_COMMAND: VERSION" }) },
      bare: { VERSION: { cniVersion: "0.2.0" } }
    }))))

  it.effect("fails for an answer that is no report", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.getVersionInfo("a"))
      assert(error._tag === "PluginOutputInvalid")
      assert.strictEqual(error.at, "supportedVersions")
    }).pipe(Effect.provide(MemoryCni.layer({ a: { VERSION: { cniVersion: "1.0.0" } } }))))
})

describe("validateNetworkList", () => {
  it.effect("gives the capabilities of all plugins, and runs each plugin once for a hundred networks", () =>
    Effect.gen(function*() {
      const capable = network([], {
        plugins: [{ type: "a", capabilities: { ips: true, mac: false } }, {
          type: "b",
          capabilities: { ips: true, dns: true }
        }]
      })
      for (let round = 0; round < 100; round++) {
        assert.deepStrictEqual(yield* Cni.validateNetworkList(capable), ["dns", "ips"])
      }
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a VERSION", "b VERSION"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: speaks("1.0.0"), b: speaks("1.0.0") }))))

  it.effect("says what is wrong with every plugin", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.validateNetworkList(network(["a", "missing", "../b", "c"])))
      assert.deepStrictEqual(error.failures.map(({ _tag, plugin }) => `${plugin}: ${_tag}`), [
        "a: VersionNotSupported",
        "missing: PluginNotFound",
        "../b: InvalidPluginType",
        "c: PluginError"
      ])
      const plugin = yield* PluginConfig.fromText(`{"type":"a"}`)
      assert.strictEqual((yield* Effect.flip(Cni.validateNetwork(plugin)))._tag, "VersionNotSupported")
    }).pipe(
      Effect.provide(MemoryCni.layer({ a: speaks("0.4.0"), c: { VERSION: MemoryCni.fail({ code: 5, msg: "no" }) } }))
    ))

  it.effect("takes no version for 0.1.0, and compares versions as they are written", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"type":"a","capabilities":{"b":true,"a":true}}`)
      assert.deepStrictEqual(yield* Cni.validateNetwork(plugin), ["a", "b"])
      const short = yield* PluginConfig.fromText(`{"type":"a","cniVersion":"0.1"}`)
      assert.strictEqual((yield* Effect.flip(Cni.validateNetwork(short)))._tag, "VersionNotSupported")
    }).pipe(Effect.provide(MemoryCni.layer({ a: speaks("0.1.0") }))))
})

describe("STATUS", () => {
  it.effect("stops at the first plugin that is not ready", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.getStatusNetworkList(ready))
      assert(error._tag === "PluginError")
      assert.deepStrictEqual([error.plugin, error.code], ["a", 50])
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a STATUS"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: refuses(50), b: {} }))))

  it.effect("does nothing below 1.1.0, which networkStatus says", () =>
    Effect.gen(function*() {
      yield* Cni.getStatusNetworkList(network(["a"]))
      assert.deepStrictEqual(yield* Cni.networkStatus(network(["a"])), [{ _tag: "Unsupported", plugin: "a" }])
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: refuses(50) }))))

  it.effect("is told of every plugin by networkStatus", () =>
    Effect.gen(function*() {
      const statuses = yield* Cni.networkStatus(network(["a", "b", "c", "d", "e"], { cniVersion: "1.1.0" }))
      assert.deepStrictEqual(statuses.map(({ _tag, plugin }) => `${plugin} ${_tag}`), [
        "a NotReady",
        "b Ready",
        "c Limited",
        "d Unsupported",
        "e Unsupported"
      ])
    }).pipe(Effect.provide(MemoryCni.layer({
      a: refuses(50),
      b: {},
      c: refuses(51),
      d: { STATUS: MemoryCni.fail({ code: 4, msg: "unknown CNI_COMMAND: STATUS" }) },
      e: { STATUS: MemoryCni.fail({ code: 3, msg: "missing containerID" }) }
    }))))

  it.effect("fails for other refusals, and before anything for what cannot be a network", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.networkStatus(ready)))._tag, "PluginError")
      const bad = [{ ...ready, name: "../x" }, { ...ready, cniVersion: "x" }]
      for (const list of bad) {
        assert.match((yield* Effect.flip(Cni.getStatusNetworkList(list)))._tag, /^Invalid/)
        assert.match((yield* Effect.flip(Cni.networkStatus(list)))._tag, /^Invalid/)
      }
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a STATUS"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: refuses(99), b: {} }))))
})

describe("getCachedAttachments", () => {
  it.effect("lists all, or those of one container and none that merely looks like it", () =>
    Effect.gen(function*() {
      const one = network(["a"])
      for (const containerId of ["c1", "c1-c1", "c2"]) yield* Cni.addNetworkList(one, { ...c1, containerId })
      assert.strictEqual((yield* Cni.getCachedAttachments()).length, 3)
      const mine = yield* Cni.getCachedAttachments({ containerId: "c1" })
      assert.deepStrictEqual(mine.map(({ containerId }) => containerId), ["c1"])
      assert.strictEqual(
        (yield* Effect.flip(Cni.getCachedAttachments({ containerId: "../" })))._tag,
        "InvalidRuntimeConf"
      )
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }))))
})

describe("a configured network", () => {
  it.effect("is loaded by its name", () =>
    Effect.gen(function*() {
      const list = yield* NetworkConfigs.load("net")
      assert.strictEqual((yield* Cni.addNetworkList(list, c1)).ips[0]?.address, "10.0.0.1/24")
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }, {
      networks: { "10-net.conflist": `{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"a"}]}` }
    }))))
})
