/** What every cache of attachments must do. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, CacheEntry, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

export const record: CacheEntry.CacheRecord = {
  _tag: "CacheRecord",
  ...key,
  config: new TextEncoder().encode(`{"name":"net"}`),
  netns: "/run/netns/c1",
  cniArgs: [["A", "1"]],
  capabilityArgs: { big: 12345678901234567890n },
  result: { cniVersion: "1.0.0", ips: [{ address: "10.0.0.1/24" }] },
  unknown: { vendor: { x: 1 } }
}

/** A cache that starts with these files, by name. */
export type World = (
  files: Readonly<Record<string, string>>
) => Effect.Effect<Layer.Layer<AttachmentCache>, never, Scope.Scope>

export const contract = (name: string, world: World) =>
  describe(`AttachmentCache (${name})`, () => {
    const test = <A, E>(
      title: string,
      files: Readonly<Record<string, string>>,
      body: (cache: AttachmentCache["Service"]) => Effect.Effect<A, E>
    ) =>
      it.effect(title, () => Effect.flatMap(world(files), (layer) => Effect.provide(AttachmentCache.use(body), layer)))

    test("gives back what was put, and nothing after removal", {}, (cache) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* cache.get(key), Option.none())
        yield* cache.put(record)
        assert.deepStrictEqual(yield* cache.get(key), Option.some(record))
        yield* cache.remove(key)
        assert.deepStrictEqual(yield* cache.get(key), Option.none())
      }))

    test("removes what is not there without complaint", {}, (cache) => cache.remove(key))

    test("shows every file, also those that are no records", {
      "a-bare-eth0": `{"cniVersion":"1.0.0"}`,
      "net-damaged-eth0": "{"
    }, (cache) =>
      Effect.gen(function*() {
        yield* cache.put(record)
        const files = yield* cache.files
        assert.deepStrictEqual(files.map(({ name }) => name), ["a-bare-eth0", "net-c1-eth0", "net-damaged-eth0"])
        const [bare, whole, damaged] = files.map(({ content }) => content)
        assert(bare?._tag === "Success" && bare.success._tag === "ForeignEntry")
        assert.deepStrictEqual(whole, Result.succeed(record))
        assert(damaged !== undefined && Result.isFailure(damaged))
        assert.strictEqual(files[1]?.path, cache.pathOf(key))
      }))

    test("replaces what was there", { "net-c1-eth0": "damaged" }, (cache) =>
      Effect.gen(function*() {
        yield* cache.put(record)
        yield* cache.put({ ...record, netns: "/other" })
        assert.deepStrictEqual(yield* cache.get(key), Option.some({ ...record, netns: "/other" }))
      }))

    test("gives a record anew each time: what a caller does to one is not seen by the next", {}, (cache) =>
      Effect.gen(function*() {
        const names = ["c1", "c2"]
        for (const containerId of names) {
          yield* cache.put({ ...record, containerId })
        }
        const [first, second] = yield* cache.list()
        assert(first !== undefined && second !== undefined)
        first.config.fill(0)
        assert.deepStrictEqual(second, { ...record, containerId: "c2" })
        assert.deepStrictEqual(yield* cache.list(), names.map((containerId) => ({ ...record, containerId })))
      }))

    test("refuses names that lead out of it, and to write those that are too long for a file", {}, (cache) =>
      Effect.gen(function*() {
        const evil = { ...record, ifName: "../x" }
        const tooLong = { ...record, containerId: "c".repeat(250) }
        const refused = [
          yield* Effect.flip(cache.get(evil)),
          yield* Effect.flip(cache.put(evil)),
          yield* Effect.flip(cache.remove(evil)),
          yield* Effect.flip(cache.put(tooLong))
        ]
        assert.deepStrictEqual(
          refused.map((error) =>
            error._tag === "CacheIoError" ? `${error.operation} ${error.reason}` : error._tag
          ),
          ["read InvalidName", "write InvalidName", "remove InvalidName", "write ENAMETOOLONG"]
        )
        assert.deepStrictEqual(yield* cache.get(tooLong), Option.none())
        yield* cache.remove(tooLong)
      }))

    test("reads no record that is deeper than the limits", {
      "net-c1-eth0": CacheEntry.encode({ ...record, capabilityArgs: { a: { b: { c: { d: { e: {} } } } } } })
    }, (cache) =>
      Effect.gen(function*() {
        const limits = { maxBytes: 100_000, maxDepth: 3 }
        const reading = Effect.all([Effect.flip(cache.get(key)), cache.list(), cache.files])
        const [error, records, files] = yield* reading.pipe(
          Effect.provideService(Tunables.JsonLimit, limits),
          Effect.provideService(Tunables.OutputLimit, { stdout: limits, stderrBytes: 10 })
        )
        assert.deepStrictEqual([error._tag, records], ["CacheEntryInvalid", []])
        assert.deepStrictEqual(
          files.map(({ content }) =>
            content._tag
          ),
          ["Failure"]
        )
      }))

    test("gives what stands under the file name, whosever it is", {}, (cache) =>
      Effect.gen(function*() {
        yield* cache.put({ ...record, network: "a-b", containerId: "c" })
        const entry = yield* cache.get({ network: "a", containerId: "b-c", ifName: "eth0" })
        assert(Option.isSome(entry) && entry.value._tag === "CacheRecord")
        assert.strictEqual(entry.value.network, "a-b")
      }))

    test("tells legacy and damaged files apart from records", {
      "net-c1-eth0": `{"cniVersion":"0.2.0"}`,
      "net-c2-eth0": "half a reco"
    }, (cache) =>
      Effect.gen(function*() {
        const legacy = yield* cache.get(key)
        assert(Option.isSome(legacy) && legacy.value._tag === "ForeignEntry")
        const error = yield* Effect.flip(cache.get({ ...key, containerId: "c2" }))
        assert(error._tag === "CacheEntryInvalid")
        assert.strictEqual(error.path, cache.pathOf({ ...key, containerId: "c2" }))
      }))

    test("lists a record that names no container as of the one in its file name", {
      "net-c1-eth0": `{"kind":"cniCacheV1","networkName":"net","ifName":"eth0"}`,
      "net-c-1-eth1": `{"kind":"cniCacheV1","networkName":"net","containerId":null,"ifName":"eth1"}`,
      "other": `{"kind":"cniCacheV1","networkName":"net","ifName":"eth2"}`,
      "net-c1-eth3": `{"kind":"cniCacheV1","ifName":"eth3"}`,
      "net-c1-eth4": `{"kind":"cniCacheV1","networkName":"net"}`
    }, (cache) =>
      Effect.gen(function*() {
        const namesOf = (records: ReadonlyArray<CacheEntry.CacheRecord>) =>
          records.map(({ containerId, ifName }) =>
            `${containerId} ${ifName}`
          )
        assert.deepStrictEqual(namesOf(yield* cache.list()), ["c-1 eth1", "c1 eth0", " eth2"])
        assert.deepStrictEqual(namesOf(yield* cache.list("c1")), ["c1 eth0"])
      }))

    test("lists the records by file name, and leaves out what is none", {
      "net-c0-eth0": "damaged",
      "net-c9-eth0": `{"cniVersion":"0.2.0"}`,
      "nameless": `{"kind":"cniCacheV1","containerId":"c1"}`
    }, (cache) =>
      Effect.gen(function*() {
        yield* cache.put({ ...record, containerId: "c2" })
        yield* cache.put({ ...record, containerId: "c10" })
        yield* cache.put({ ...record, network: "a" })
        const all = yield* cache.list()
        const mine = yield* cache.list("c1")
        assert.deepStrictEqual(
          mine.map(({ containerId, network }) => `${network}-${containerId}`),
          ["a-c1"]
        )
        assert.deepStrictEqual(all.map(({ containerId, network }) => `${network}-${containerId}`), [
          "a-c1",
          "net-c10",
          "net-c2"
        ])
      }))
  })
