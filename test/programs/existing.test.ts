/** ADD of an interface that there is already, in every state that it can be in. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, Cni, JournalEntry, Tunables } from "effect-cni"
import { Faults, MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { TestClock } from "effect/testing"
import { leftBehind } from "../support/journalEntry.ts"
import { allocating, type Ledger, untidy } from "../support/ledger.ts"
import { c1, network } from "../support/network.ts"
import { overwrite, shared } from "../support/overwritten.ts"

const net = network(["a", "b"])
const other = network(["a", "b"], { name: "other" })
const no = MemoryCni.fail({ code: 100, msg: "no" })
const key = { network: "net", containerId: "c1", ifName: "eth0" }

const dyingIn = (call: string) =>
  Faults.make((step) => step.call === call && step.when === "during" ? Faults.crash : undefined)

const attached: JournalEntry.JournalEntry = { ...leftBehind(key), state: "attached", result: {}, done: 2 }

describe("ADD over what is there", () => {
  it.effect("is refused before anything runs, on the same network and on another", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      for (const list of [net, other]) {
        const error = yield* Effect.flip(Cni.addNetworkList(list, c1))
        assert(error._tag === "AttachmentExists")
        assert.deepInclude(error, { network: list.name, containerId: "c1", ifName: "eth0", existing: "net" })
        assert.strictEqual(error.state, "attached")
        assert.include(error.message, `an interface "eth0" on network "net" already`)
      }
      assert.strictEqual((yield* MemoryCni.invocations).length, 2)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is refused where only a record of another runtime says so", () =>
    Effect.gen(function*() {
      yield* Effect.provideService(Cni.addNetworkList(net, c1), Tunables.Compat, "libcni")
      const error = yield* Effect.flip(Cni.addNetworkList(other, c1))
      assert.strictEqual(error._tag, "AttachmentExists")
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is refused where only the journal says so: another runtime has written over the record", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, shared)
      yield* overwrite
      const error = yield* Effect.flip(Cni.addNetworkList(other, shared))
      assert(error._tag === "AttachmentExists")
      assert.deepStrictEqual([error.existing, error.state], ["net", "attached"])
      assert.strictEqual((yield* MemoryCni.invocations).length, 2)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect.each([net, other])(
    "is refused on $name where only the journal says so: the record is damaged",
    (list) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Cni.addNetworkList(list, c1))
        assert(error._tag === "AttachmentExists")
        assert.deepStrictEqual([error.existing, error.state], ["net", "attached"])
        assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, {
        cache: { "net-c1-eth0": "{" },
        journal: { "net-c1-eth0": JournalEntry.encode(attached) }
      })))
  )

  it.effect("is made where the file is from before there were records", () =>
    Cni.addNetworkList(net, c1).pipe(
      Effect.provide(MemoryCni.layer({ a: {}, b: {} }, { cache: { "net-c1-eth0": `{"cniVersion":"1.0.0"}` } }))
    ))

  it.effect("is made for another interface and for another container", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* Cni.addNetworkList(net, { ...c1, ifName: "eth1" })
      yield* Cni.addNetworkList(net, { ...c1, containerId: "c2" })
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is made under Compat libcni, as libcni does", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* Cni.addNetworkList(net, c1)
    }).pipe(Effect.provideService(Tunables.Compat, "libcni"), Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect.each([net, other])("deletes first what a dead ADD left, for an ADD on $name", (list) => {
    const ledger: Ledger = new Set()
    const plugin = allocating(ledger)
    return Effect.gen(function*() {
      assert.isTrue(Option.isNone(yield* (yield* dyingIn("run b ADD")).run(Cni.addNetworkList(net, c1))))
      yield* Cni.addNetworkList(list, c1)
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), ["b DEL", "a DEL", "a ADD", "b ADD"])
      assert.deepStrictEqual(yield* untidy(ledger, ["a", "b"]), [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: plugin, b: plugin })))
  })

  it.effect("waits for a plugin that works on the container for another interface, and has lost its runtime", () =>
    Effect.gen(function*() {
      yield* (yield* dyingIn("run a ADD")).run(Cni.addNetworkList(other, { ...c1, ifName: "eth1" }))
      const fiber = yield* Effect.forkChild(Cni.delNetworkList(net, c1), { startImmediately: true })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD"])
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(1), ["b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: new MemoryCni.Reply({ delay: "10 seconds" }) }, b: {} }))))

  it.effect("says why what is left could not be deleted, and leaves it to a later time", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Cni.addNetworkList(net, c1))
      const error = yield* Effect.flip(Cni.addNetworkList(net, c1))
      assert(error._tag === "AttachmentExists")
      assert.strictEqual(error.state, "failed")
      assert.deepStrictEqual(error.failures.map(({ _tag }) => _tag), ["PluginError"])
      yield* Cni.addNetworkList(net, c1)
      // The undo asks twice; the next ADD asks twice by the chain that is stored, and twice by the one that is given.
    }).pipe(
      Effect.provide(MemoryCni.layer({
        a: { DEL: [no, no, no, no, no, no, MemoryCni.passThrough] },
        b: { ADD: [no, {}] }
      }))
    ))

  it.effect("refuses a file name that an unfinished attachment has", () =>
    Effect.gen(function*() {
      yield* (yield* dyingIn("run a ADD")).run(Cni.addNetworkList(network(["a"], { name: "x-c1" }), c1))
      const error = yield* Effect.flip(
        Cni.addNetworkList(network(["a"], { name: "x" }), { ...c1, containerId: "c1-c1" })
      )
      assert(error._tag === "CacheKeyCollision")
      assert.strictEqual(error.owner.network, "x-c1")
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }))))

  it.effect("refuses to guess what a damaged entry says, until DEL has taken it away", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "CacheEntryInvalid")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      yield* Cni.delNetworkList(net, c1)
      yield* Cni.addNetworkList(net, c1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, { journal: { "net-c1-eth0": "{" } }))))
})

describe("a journal entry that another runtime has overtaken", () => {
  const asLibcni = Effect.provideService(Tunables.Compat, "libcni")

  it.effect("gives way when the attachment was deleted without it", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* asLibcni(Cni.delNetworkList(net, c1))
      yield* Cni.addNetworkList(net, c1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("gives way when the attachment was replaced, so that recovery does not touch it", () =>
    Effect.gen(function*() {
      yield* (yield* dyingIn("run b ADD")).run(Cni.addNetworkList(net, c1))
      yield* asLibcni(Cni.addNetworkList(net, c1))
      assert.deepStrictEqual((yield* Cni.recover).recovered, [])
      assert.isTrue(Option.isSome(yield* (yield* AttachmentCache).get(key)))
      assert.isTrue(Option.isNone(yield* (yield* AttachmentJournal).get(key)))
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: [{}, { ips: [] }] }, b: {} }))))
})

describe("the end of a scope", () => {
  it.effect("leaves alone what somebody else has attached since", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        yield* Cni.attach(net, c1)
        yield* Cni.delNetworkList(net, c1)
        yield* Cni.addNetworkList(net, c1)
      }))
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(-2), ["a ADD", "b ADD"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is recovery's to bring about when its runtime has died, and nobody else's", () =>
    Effect.gen(function*() {
      const living = yield* Faults.make()
      const dying = yield* Faults.make(({ call }) => call === "sweep" ? Faults.crash : undefined)
      const inScope = Effect.andThen(Cni.attach(net, c1), Cni.recover)
      yield* dying.run(Effect.scoped(inScope))
      yield* living.run(Effect.scoped(Effect.gen(function*() {
        const { live, recovered } = yield* Effect.andThen(Cni.attach(net, { ...c1, containerId: "c2" }), Cni.recover)
        assert.deepStrictEqual(recovered.map(({ containerId }) => containerId), ["c1"])
        assert.deepStrictEqual(live.map(({ containerId }) => containerId), ["c2"])
      }))).pipe(Effect.map(Option.getOrThrow), Effect.flatMap((exit) => exit))
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))
})
