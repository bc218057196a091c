import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, type CacheEntry, Cni, CniError, Tunables } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as TestClock from "effect/testing/TestClock"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network, request, result } from "../support/network.ts"
import { withService } from "../support/withService.ts"

const two = network(["a", "b"], { cniVersion: "1.1.0" })
const plugins = { a: { ADD: result(1) }, b: { ADD: result(2) }, c: { ADD: result(3) } }
const no = MemoryCni.fail({ code: 100, msg: "busy" })
const inOrder = Effect.provideService(Tunables.GcConcurrency, 1)
const unreadable = new CniError.CacheIoError({ operation: "list", path: "/cache", reason: "EIO", detail: "injected" })
const left = AttachmentCache.use((cache) =>
  Effect.map(cache.list(), (all) => all.map(({ containerId }) => containerId))
)

/** The record of a runtime that keeps no journal. */
const recorded = (containerId: string, config: object) =>
  JSON.stringify({
    kind: "cniCacheV1",
    networkName: "net",
    containerId,
    ifName: "eth0",
    config: Buffer.from(JSON.stringify(config)).toString("base64")
  })

const attach = (list: typeof two, ...containerIds: ReadonlyArray<string>) =>
  Effect.forEach(containerIds, (containerId) => Cni.addNetworkList(list, { ...c1, containerId }), { discard: true })

const since = (count: number) => Effect.map(PluginInvocations.use(({ all }) => all), (runs) => runs.slice(count))

describe("gcNetworkList", () => {
  it.effect("deletes what is not to be kept, then lets every plugin collect", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1", "c2", "c3")
      yield* inOrder(Cni.gcNetworkList(two, { keep: [{ containerId: "c2", ifName: "eth0" }] }))
      const runs = yield* since(6)
      assert.deepStrictEqual(runs.map(({ command, containerId, plugin }) => `${plugin} ${command} ${containerId}`), [
        "b DEL c1",
        "a DEL c1",
        "b DEL c3",
        "a DEL c3",
        "a GC ",
        "b GC "
      ])
      const gc = runs[4]
      assert(gc !== undefined)
      const kept = [{ containerID: "c2", ifname: "eth0" }]
      assert.deepStrictEqual(request(gc), {
        cniVersion: "1.1.0",
        name: "net",
        type: "a",
        "cni.dev/attachments": kept,
        "cni.dev/valid-attachments": kept
      })
      assert.deepStrictEqual(
        [gc.environment["CNI_CONTAINERID"], gc.environment["CNI_NETNS"], gc.environment["CNI_IFNAME"]],
        ["", "", ""]
      )
      assert.deepStrictEqual(yield* left, ["c2"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("asks for the keep-set, and takes its failure for its own", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1")
      assert.strictEqual(yield* Effect.flip(Cni.gcNetworkList(two, { keep: Effect.fail("who knows") })), "who knows")
      assert.deepStrictEqual(yield* since(2), [])
      yield* Cni.gcNetworkList(two, { keep: Effect.succeed([{ containerId: "c1", ifName: "eth0" }]) })
      assert.deepStrictEqual(yield* left, ["c1"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("never takes for stale what wants to be attached while the keep-set is being found out", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1")
      const others = yield* FiberSet.make()
      const running = FiberSet.run(others, attach(two, "c2")).pipe(
        Effect.andThen(Effect.yieldNow),
        Effect.as([{ containerId: "c1", ifName: "eth0" }])
      )
      yield* Cni.gcNetworkList(two, { keep: running })
      yield* FiberSet.awaitEmpty(others)
      assert.deepStrictEqual(yield* left, ["c1", "c2"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("deletes by the given configuration where it is the one that was used, for it has the drop-ins", () =>
    Effect.gen(function*() {
      const [dropIn] = network(["c"]).plugins
      assert(dropIn !== undefined)
      const withDropIn = { ...two, plugins: [...two.plugins, dropIn] }
      yield* attach(withDropIn, "c1")
      const { stale } = yield* Cni.planGc(withDropIn, { keep: [] })
      assert.deepStrictEqual(stale.map(({ list }) => list.plugins.length), [3])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("deletes by the configuration that was used, whatever the network has become", () =>
    Effect.gen(function*() {
      yield* attach(network(["a", "c"], { cniVersion: "1.0.0" }), "c1")
      const { stale } = yield* Cni.planGc(two, { keep: [] })
      assert.deepStrictEqual(stale.map(({ list }) => list.plugins.map(({ type }) => type)), [["a", "c"]])
      yield* inOrder(Cni.gcNetworkList(two, { keep: [] }))
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["c DEL", "a DEL", "a GC", "b GC"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("deletes what another runtime attached by the configuration that is recorded", () =>
    Effect.gen(function*() {
      const { stale } = yield* Cni.planGc(two, { keep: [] })
      assert.deepStrictEqual(stale.map(({ list }) => list.plugins.map(({ type }) => type)), [["a", "c"], ["c"]])
      yield* inOrder(Cni.gcNetworkList(two, { keep: [] }))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["c DEL", "a DEL", "c DEL", "a GC", "b GC"])
      const del = (yield* since(0))[1]
      assert(del !== undefined)
      assert.strictEqual(request(del)["bridge"], "br7")
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: {
        "net-c1-eth0": recorded("c1", {
          cniVersion: "1.0.0",
          name: "net",
          plugins: [{ type: "a", bridge: "br7" }, { type: "c" }]
        }),
        "net-c2-eth0": recorded("c2", { cniVersion: "1.0.0", name: "net", type: "c" })
      }
    }))))

  it.effect("deletes by the given configuration where nothing usable is stored", () =>
    Effect.gen(function*() {
      const { stale } = yield* Cni.planGc(two, { keep: [] })
      assert.deepStrictEqual(stale.map(({ list }) => list), [two, two])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: {
        "net-c1-eth0": `{"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0","config":"e30="}`,
        "net-c2-eth0": `{"kind":"cniCacheV1","networkName":"net","containerId":"c2","ifName":"eth0","config":""}`,
        "net-c3-eth0": "damaged",
        "other-c1-eth0": `{"kind":"cniCacheV1","networkName":"other","containerId":"c1","ifName":"eth0","config":""}`
      }
    }))))

  it.effect("is planned in the order of the files' names, whatever is recorded and what is in the journal alone", () =>
    Effect.gen(function*() {
      yield* AttachmentJournal.use((journal) =>
        journal.begin(leftBehind({ network: "net", containerId: "c2", ifName: "eth0" }))
      )
      yield* attach(two, "c3", "c1")
      const { stale } = yield* Cni.planGc(two, { keep: [] })
      assert.deepStrictEqual(stale.map(({ containerId }) => containerId), ["c1", "c2", "c3"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("asks a plugin that refuses a DEL once more", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1")
      yield* Cni.gcNetworkList(two, { keep: [] })
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["b DEL", "b DEL", "a DEL", "a GC", "b GC"])
      assert.deepStrictEqual(yield* left, [])
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: result(2), DEL: [no, {}] } }))))

  it.effect("asks no plugin once more after the time of an undo", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1")
      const collecting = yield* Effect.forkChild(Effect.exit(Cni.gcNetworkList(two, { keep: [] })))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(collecting)
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["b DEL", "a GC", "b GC"])
    }).pipe(
      Effect.provideService(Tunables.RollbackTimeLimit, "9 seconds"),
      Effect.provide(MemoryCni.layer({
        ...plugins,
        b: { ADD: result(2), DEL: new MemoryCni.Reply({ stdout: no.stdout, exit: no.exit, delay: "10 seconds" }) }
      }))
    ))

  it.effect("goes on past failures and says all of them", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1", "c2")
      const error = yield* Effect.flip(inOrder(Cni.gcNetworkList(two, { keep: [] })))
      assert(error._tag === "GcIncomplete")
      assert.deepStrictEqual(
        error.failures.map((failure) => failure._tag === "PluginGc" ? failure.plugin : failure.containerId),
        [
          "c1",
          "c2",
          "b"
        ]
      )
      assert.deepStrictEqual(yield* left, ["c1", "c2"])
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: result(2), DEL: no, GC: no } }))))

  it.effect("does nothing when it is disabled, and leaves plugins before 1.1.0 alone", () =>
    Effect.gen(function*() {
      yield* attach(two, "c1")
      yield* Cni.gcNetworkList(network(["a"], { disableGC: true, cniVersion: "1.1.0" }), { keep: [] })
      assert.deepStrictEqual(yield* left, ["c1"])
      yield* Cni.gcNetworkList(network(["a"]), { keep: [] })
      assert.deepStrictEqual((yield* MemoryCni.invocations).filter((run) => run.endsWith("GC")), [])
      assert.deepStrictEqual(yield* left, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("never deletes two attachments of one container at once", () =>
    Effect.gen(function*() {
      const record: CacheEntry.CacheRecord = {
        _tag: "CacheRecord",
        network: "net",
        containerId: "c1",
        ifName: "eth0",
        config: two.bytes,
        netns: "",
        cniArgs: [],
        capabilityArgs: {},
        result: {},
        unknown: {}
      }
      const cache = yield* AttachmentCache
      for (const ifName of ["eth0", "eth1", "eth2"]) {
        for (const containerId of ["c1", "c2"]) yield* cache.put({ ...record, ifName, containerId })
      }
      yield* Effect.provideService(Cni.gcNetworkList(two, { keep: [] }), Tunables.GcConcurrency, 8)
      const runs = (yield* since(0)).filter(({ command, containerId }) => command === "DEL" && containerId === "c1")
      assert.deepStrictEqual(runs.map(({ ifName, plugin }) => `${ifName} ${plugin}`), [
        "eth0 b",
        "eth0 a",
        "eth1 b",
        "eth1 a",
        "eth2 b",
        "eth2 a"
      ])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect.each(
    [
      ["InvalidVersion", network(["a"], { cniVersion: "x" })],
      ["InvalidRuntimeConf", { ...two, name: "../net" }]
    ] as const
  )("fails with %s before anything", ([tag, list]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.gcNetworkList(list, { keep: [] })))._tag, tag)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("fails when the cache cannot be listed", () =>
    Effect.gen(function*() {
      const cache = yield* AttachmentCache
      const blind = AttachmentCache.of({ ...cache, list: () => Effect.fail(unreadable) })
      const collect = withService(Cni.gcNetworkList(two, { keep: [] }), AttachmentCache, blind)
      assert.strictEqual((yield* Effect.flip(collect))._tag, "CacheIoError")
      assert.deepStrictEqual(yield* since(0), [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})
