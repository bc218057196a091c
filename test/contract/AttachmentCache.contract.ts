/** What every cache of attachments must do. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, type CacheEntry } from "effect-cni"
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
        assert.deepStrictEqual(mine.map(({ containerId, network }) => `${network}-${containerId}`), ["a-c1"])
        assert.deepStrictEqual(all.map(({ containerId, network }) => `${network}-${containerId}`), [
          "a-c1",
          "net-c10",
          "net-c2"
        ])
      }))
  })
