/** What recovery and GC do about what dead runtimes have left. */
import { assert, describe, it } from "@effect/vitest"
import {
  AttachmentCache,
  AttachmentJournal,
  AttachmentLock,
  Cni,
  JournalEntry,
  NetworkNamespaces,
  Tunables
} from "effect-cni"
import { Faults, MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { leftBehind } from "../support/journalEntry.ts"
import { allocating, type Ledger, untidy } from "../support/ledger.ts"
import { c1, network } from "../support/network.ts"
import { withService } from "../support/withService.ts"

const net = network(["a", "b"], { cniVersion: "1.1.0" })
const no = MemoryCni.fail({ code: 100, msg: "no" })
const keep = [{ containerId: "c1", ifName: "eth0" }]

const dyingIn = (call: string) =>
  Faults.make((step) => step.call === call && step.when === "during" ? Faults.crash : undefined)

const dieInAdd = Effect.flatMap(dyingIn("run b ADD"), (runtime) => runtime.run(Cni.addNetworkList(net, c1)))

const dieInScope = Effect.gen(function*() {
  const runtime = yield* Faults.make(({ call }) => call === "sweep" ? Faults.crash : undefined)
  yield* runtime.run(Effect.scoped(Effect.andThen(Cni.attach(net, c1), Cni.recover)))
})

const left = leftBehind({ network: "a", containerId: "b-c", ifName: "eth0" })

/** An entry whose file name is that of another attachment's record. */
const beside = (entry: JournalEntry.JournalEntry) => ({
  journal: { "a-b-c-eth0": JournalEntry.encode(entry) },
  cache: {
    "a-b-c-eth0": `{"kind":"cniCacheV1","networkName":"a-b","containerId":"c","ifName":"eth0","config":"","result":{}}`
  }
})

const two = () => {
  const ledger: Ledger = new Set()
  const plugin = allocating(ledger)
  return { ledger, layer: MemoryCni.layer({ a: plugin, b: plugin }) }
}

describe("recover", () => {
  it.effect("says what it has deleted, what still fails and why, and what is somebody's", () =>
    Effect.gen(function*() {
      yield* dieInAdd
      yield* Cni.addNetworkList(net, { ...c1, containerId: "c2" })
      const first = yield* Cni.recover
      assert.deepStrictEqual(first.recovered, [])
      assert.deepStrictEqual(first.failing.map(({ containerId, failures }) => [containerId, failures.length]), [[
        "c1",
        1
      ]])
      assert.deepStrictEqual(first.live, [{
        network: "net",
        containerId: "c2",
        ifName: "eth0",
        state: "attached",
        ofEarlierBoot: false
      }])
      const second = yield* Cni.recover
      assert.deepStrictEqual(second.recovered, [{
        network: "net",
        containerId: "c1",
        ifName: "eth0",
        state: "failed",
        ofEarlierBoot: false
      }])
      assert.deepStrictEqual(second.failing, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { DEL: [no, no, MemoryCni.passThrough] }, b: {} }))))

  it.effect("gives DEL the last good result, and the namespace while it is the same", () =>
    Effect.gen(function*() {
      yield* dieInAdd
      yield* Cni.recover
      const runs = (yield* PluginInvocations.use(({ all }) => all)).filter(({ command }) => command === "DEL")
      assert.deepStrictEqual(runs.map(({ environment }) => environment["CNI_NETNS"]), [
        "/run/netns/c1",
        "/run/netns/c1"
      ])
      for (const { stdin } of runs) assert.include(stdin, `"prevResult":{"cniVersion":"1.1.0","ips"`)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: { ips: [{ address: "10.0.0.1/24" }] } }, b: {} }))))

  it.effect("deletes after a reboot too, without the namespace that went with it", () =>
    Effect.gen(function*() {
      yield* dieInAdd
      const rebooted = NetworkNamespaces.of({
        identify: (path) =>
          Effect.succeed({ _tag: "Namespace", id: { device: "0", inode: path, boot: "the next" }, isOwn: false }),
        interfaceAt: () => Effect.succeed("unseen")
      })
      yield* withService(Cni.recover, NetworkNamespaces, rebooted)
      const runs = (yield* PluginInvocations.use(({ all }) => all)).filter(({ command }) => command === "DEL")
      assert.deepStrictEqual(runs.map(({ environment }) => environment["CNI_NETNS"]), ["", ""])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("waits for a plugin that goes on, and ends one that does not end", () =>
    Effect.gen(function*() {
      yield* dieInAdd
      const fiber = yield* Effect.forkChild(Cni.recover, { startImmediately: true })
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(fiber.pollUnsafe(), undefined)
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD"])
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).recovered.length, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: MemoryCni.hang } }))))

  it.effect("does not wait for an operation of a living runtime", () =>
    Effect.gen(function*() {
      const adding = yield* Effect.forkChild(Cni.addNetworkList(net, c1), { startImmediately: true })
      const { live } = yield* Cni.recover
      assert.deepStrictEqual(live, [{
        network: "net",
        containerId: "c1",
        ifName: "eth0",
        state: "adding",
        ofEarlierBoot: false
      }])
      yield* Fiber.interrupt(adding)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: MemoryCni.hang } }))))

  it.effect("deletes what lost its file name to another attachment, and leaves that one as it is", () =>
    Effect.gen(function*() {
      const { live, recovered } = yield* Cni.recover
      assert.deepStrictEqual(live, [])
      assert.deepStrictEqual(recovered, [{
        network: "a",
        containerId: "b-c",
        ifName: "eth0",
        state: "adding",
        ofEarlierBoot: false
      }])
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["b DEL", "a DEL"])
      assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
      const records = yield* AttachmentCache.use((cache) => cache.list())
      assert.deepStrictEqual(records.map(({ containerId }) => containerId), ["c"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, beside(left)))))

  it.effect("deletes what a dead scope had attached, though another runtime has written over its record", () =>
    Effect.gen(function*() {
      const { recovered } = yield* Cni.recover
      assert.deepStrictEqual(recovered.map(({ containerId, state }) => [containerId, state]), [["b-c", "attached"]])
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["b DEL", "a DEL"])
      assert.strictEqual((yield* AttachmentCache.use((cache) => cache.list())).length, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, beside({ ...left, state: "attached", scoped: true })))))

  it.effect("reports files that it cannot read, and goes on", () =>
    Effect.gen(function*() {
      yield* dieInAdd
      const { damaged, recovered } = yield* Cni.recover
      assert.strictEqual(recovered.length, 1)
      assert.deepStrictEqual(damaged.map(({ path }) => path), ["memory:journal/net-c9-eth0"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, { journal: { "net-c9-eth0": "{" } }))))
})

describe("GC", () => {
  it.effect("deletes what has its file name with another attachment of the network", () =>
    Effect.gen(function*() {
      const one = { ...left, network: "net", containerId: "a-b", ifName: "c" }
      yield* AttachmentJournal.use((journal) => journal.begin(one))
      const plan = yield* Cni.planGc(net, { keep: [{ containerId: "a", ifName: "b-c" }] })
      assert.deepStrictEqual(plan.stale.map(({ containerId, reason }) => [containerId, reason]), [[
        "a-b",
        "unfinished"
      ]])
      yield* Cni.gcNetworkList(net, { keep: plan.keep })
      const runs = yield* MemoryCni.invocations
      assert.deepStrictEqual(runs, ["b DEL", "a DEL", "a GC", "b GC"])
      assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
      assert.strictEqual((yield* AttachmentCache.use((cache) => cache.list())).length, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, {
      cache: {
        "net-a-b-c":
          `{"kind":"cniCacheV1","networkName":"net","containerId":"a","ifName":"b-c","config":"","result":{}}`
      }
    }))))

  it.effect("deletes what an operation left half-way, whether it is kept or not", () => {
    const { layer, ledger } = two()
    return Effect.gen(function*() {
      yield* dieInAdd
      const { stale } = yield* Cni.planGc(net, { keep })
      assert.deepStrictEqual(stale.map(({ containerId, reason }) => [containerId, reason]), [["c1", "unfinished"]])
      yield* Cni.gcNetworkList(net, { keep })
      assert.deepStrictEqual(yield* untidy(ledger, ["a", "b"]), [])
      assert.deepStrictEqual([...ledger], [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("keeps what is to be kept, though the process of its scope has died", () =>
    Effect.gen(function*() {
      yield* dieInScope
      assert.deepStrictEqual((yield* Cni.planGc(net, { keep })).stale, [])
      assert.strictEqual((yield* Cni.planGc(net, { keep: [] })).stale.length, 1)
    }).pipe(Effect.provide(two().layer)))

  it.effect("whose plugin outlived its runtime is waited for by the next operation on the network", () =>
    Effect.gen(function*() {
      yield* (yield* dyingIn("run a GC")).run(Cni.gcNetworkList(net, { keep }))
      const fiber = yield* Effect.forkChild(Cni.addNetworkList(net, c1), { startImmediately: true })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a GC"])
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* (yield* AttachmentJournal).list()).entries.map(({ state }) => state), ["attached"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { GC: new MemoryCni.Reply({ delay: "10 seconds" }) }, b: {} }))))
})

describe("the end of a scope whose container is held by somebody else for too long", () => {
  it.effect("is given over to recovery", () => {
    const { layer, ledger } = two()
    return Effect.gen(function*() {
      const closing = Effect.scoped(Effect.gen(function*() {
        yield* Cni.attach(net, c1)
        const { container } = yield* AttachmentLock
        const holding = Effect.scoped(Effect.andThen(container("c1"), Effect.sleep("1 hour")))
        yield* Effect.forkDetach(holding, { startImmediately: true })
      }))
      const fiber = yield* Effect.forkChild(closing, { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.strictEqual(ledger.size, 2)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Cni.recover).recovered.length, 1)
      assert.strictEqual(ledger.size, 0)
    }).pipe(Effect.provideService(Tunables.LockWaitLimit, "10 seconds"), Effect.provide(layer))
  })
})
