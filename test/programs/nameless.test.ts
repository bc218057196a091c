/** Records that do not say, or not wholly, whose they are: runtimes of 2019 wrote them. They count by their file name. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, JournalEntry } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network, prevResults, result } from "../support/network.ts"

const one = network(["a"])
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const bytes = (text: string) => Buffer.from(text).toString("base64")
const config = bytes(`{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"a"}]}`)

type Named = Readonly<Record<string, string | null>>
const record = (named: Named, more = {}) =>
  JSON.stringify({ kind: "cniCacheV1", config, ...named, cniArgs: [["A", "1"]], result: result(7), ...more })

const whole = { networkName: "net", containerId: "c1", ifName: "eth0" }
const { containerId: _, ...noContainer } = whole
const { ifName: __, ...noInterface } = whole
const { networkName: ___, ...noNetwork } = whole
const partly: ReadonlyArray<readonly [string, Named]> = [
  ["nothing", {}],
  ["nulls and empty names", { networkName: null, containerId: "", ifName: "" }],
  ["no container", noContainer],
  ["no interface", noInterface],
  ["no network", noNetwork],
  ["the container alone", { containerId: "c1" }]
]

const inCache = (text: string, journal: Readonly<Record<string, string>> = {}) =>
  Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }, { cache: { "net-c1-eth0": text }, journal }))

describe("a record that names", () => {
  for (const [named, members] of partly) {
    it.effect(`${named} is used and removed by those of its file name`, () =>
      Effect.gen(function*() {
        const found = yield* Cni.getNetworkListCachedResult(one, c1)
        assert.deepStrictEqual(Option.map(found, ({ json }) => json), Option.some(result(7)))
        const stored = Option.getOrThrow(yield* Cni.getNetworkListCachedConfig(one, c1))
        assert.deepStrictEqual([bytes(new TextDecoder().decode(stored.config)), stored.conf.args], [config, [[
          "A",
          "1"
        ]]])
        const exists = yield* Effect.flip(Cni.addNetworkList(one, c1))
        assert.strictEqual(exists._tag, "AttachmentExists")
        yield* Cni.checkNetworkList(one, c1)
        yield* Cni.delNetworkList(one, c1)
        assert.deepStrictEqual(yield* prevResults, [["a CHECK", result(7)], ["a DEL", result(7)]])
        assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
      }).pipe(inCache(record(members))))

    it.effect(`${named} is enough to detach by it alone, and to give up`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* Cni.abandon(key)).addresses, ["10.0.0.7/24"])
      }).pipe(
        inCache(record(members)),
        Effect.andThen(
          Effect.gen(function*() {
            yield* Cni.delAttachment(key)
            assert.deepStrictEqual(yield* prevResults, [["a DEL", result(7)]])
            assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
          }).pipe(inCache(record(members)))
        )
      ))
  }

  it.effect.each(Object.entries({ networkName: "other", containerId: "c2", ifName: "eth1" }))(
    "another %s is another attachment's, whatever else it does not name",
    ([member, name]) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
        assert.strictEqual((yield* Effect.flip(Cni.checkNetworkList(one, c1)))._tag, "NotAttached")
        const error = yield* Effect.flip(Cni.addNetworkList(one, c1))
        assert(error._tag === "CacheKeyCollision")
        assert.include(error.message, `"${name}"`)
        assert.notInclude(error.message, `""`)
        yield* Cni.delNetworkList(one, c1)
        assert.deepStrictEqual(yield* prevResults, [["a DEL", undefined]])
      }).pipe(inCache(record({ [member ?? ""]: name ?? "" })))
  )

  it.effect("another network is another attachment's, where the record is damaged, too", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(one, c1), Option.none())
    }).pipe(inCache(record({ networkName: "other" }, { netns: 5 }))))

  it.effect("nothing is that of the journal's entry of the file name", () =>
    Effect.gen(function*() {
      const mine = network(["a"], { name: "a" })
      const conf = { ...c1, containerId: "b-c" }
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedResult(mine, conf), Option.none())
      assert.deepStrictEqual(yield* Cni.getNetworkListCachedConfig(mine, conf), Option.none())
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(mine, conf)))._tag, "CacheKeyCollision")
      yield* Cni.delNetworkList(mine, conf)
      assert.deepStrictEqual(yield* prevResults, [["a DEL", undefined]])
      const owner = { ...c1, containerId: "c" }
      const found = yield* Cni.getNetworkListCachedResult(network(["a"], { name: "a-b" }), owner)
      assert.deepStrictEqual(Option.map(found, ({ json }) => json), Option.some(result(7)))
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, {
      cache: { "a-b-c-eth0": record({}) },
      journal: {
        "a-b-c-eth0": JournalEntry.encode({
          ...leftBehind({ network: "a-b", containerId: "c", ifName: "eth0" }),
          state: "attached",
          result: result(7)
        })
      }
    }))))

  it.effect("nothing, and has our result, is our record", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(one, c1)
      assert.deepStrictEqual(yield* prevResults, [["a DEL", result(7)]])
      assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
    }).pipe(inCache(record({}), {
      "net-c1-eth0": JournalEntry.encode({
        ...leftBehind(key),
        plugins: [{ type: "a" }],
        state: "attached",
        result: result(7)
      })
    })))

  it.effect("no container is listed, and deleted by GC, as of the one in its file name; others are left out", () =>
    Effect.gen(function*() {
      const listed = yield* Cni.getCachedAttachments()
      assert.deepStrictEqual(listed.map(({ containerId }) => containerId), ["c1"])
      assert.strictEqual((yield* Cni.getCachedAttachments({ containerId: "c1" })).length, 1)
      yield* Cni.gcNetworkList(one, { keep: [{ containerId: "c1", ifName: "eth0" }] })
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      yield* Cni.gcNetworkList(one, { keep: [] })
      assert.deepStrictEqual(yield* prevResults, [["a DEL", result(7)]])
      assert.deepStrictEqual(yield* Cni.getCachedAttachments(), [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, {
      cache: {
        "net-c1-eth0": record(noContainer),
        "net-c1-eth1": record(noInterface),
        "net-c1-eth2": record({ ...noNetwork, ifName: "eth2" }),
        "net-c1-eth3": record({})
      }
    }))))
})
