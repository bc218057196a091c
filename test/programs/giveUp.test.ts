/** Ways to get rid of an attachment besides DEL: detach, delAttachment, abandon. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, Cni, NetworkNamespaces, Tunables } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { c1, network, request } from "../support/network.ts"
import { overwrite, recorded, shared, sharedKey } from "../support/overwritten.ts"
import { withService } from "../support/withService.ts"

const net = network(["a", "b", "c"])
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const no = MemoryCni.fail({ code: 100, msg: "no" })

const isForgotten = Effect.gen(function*() {
  const record = yield* (yield* AttachmentCache).get(key)
  const entry = yield* (yield* AttachmentJournal).get(key)
  return Option.isNone(record) && Option.isNone(entry)
})

const deletions = Effect.map(
  PluginInvocations.use(({ all }) => all),
  (runs) => runs.filter(({ command }) => command === "DEL")
)

describe("detach", () => {
  it.effect("asks every plugin, says which failed, and can be tried again", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const error = yield* Effect.flip(Cni.detach(net, c1))
      assert(error._tag === "DetachIncomplete")
      assert.strictEqual(error.failures.length, 1)
      assert.deepStrictEqual((yield* deletions).map(({ plugin }) => plugin), ["c", "b", "b", "a"])
      assert.strictEqual(Option.getOrThrow(yield* (yield* AttachmentJournal).get(key)).state, "failed")
      yield* Cni.detach(net, c1)
      assert.isTrue(yield* isForgotten)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { DEL: [no, no, MemoryCni.passThrough] }, c: {} }))))
})

describe("delAttachment", () => {
  it.effect("uses the chain, drop-ins included, and the parameters of the ADD", () =>
    Effect.gen(function*() {
      const dropIn = network(["d"]).plugins
      const conf = { ...c1, args: [["K", "v"]] as const, capabilityArgs: { ports: [1] } }
      const [a, ...others] = net.plugins
      assert(a !== undefined)
      const first = { ...a, capabilities: { ports: true } }
      yield* Cni.addNetworkList({ ...net, plugins: [first, ...others, ...dropIn] }, conf)
      yield* Cni.delAttachment(key)
      const runs = yield* deletions
      assert.deepStrictEqual(runs.map(({ plugin }) => plugin), ["d", "c", "b", "a"])
      for (const { environment } of runs) {
        assert.deepInclude(environment, { CNI_ARGS: "K=v", CNI_NETNS: "/run/netns/c1" })
      }
      assert.isTrue(yield* isForgotten)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {}, d: {} }))))

  it.effect("leaves a record alone that another runtime has written over ours", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, shared)
      yield* overwrite
      yield* Cni.delAttachment(sharedKey)
      assert.deepStrictEqual((yield* deletions).map(({ plugin }) => plugin), ["c", "b", "a"])
      assert.deepStrictEqual(yield* recorded, ["d"])
      assert.deepStrictEqual((yield* (yield* AttachmentJournal).list()).entries, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {} }))))

  it.effect("uses what another runtime recorded where there is no entry", () =>
    Effect.gen(function*() {
      yield* Effect.provideService(Cni.addNetworkList(net, c1), Tunables.Compat, "libcni")
      yield* Cni.delAttachment(key)
      const [run] = yield* deletions
      assert(run !== undefined)
      assert.deepStrictEqual(request(run)["prevResult"], { cniVersion: "1.0.0", ips: [{ address: "10.0.0.1/24" }] })
      assert.isTrue(yield* isForgotten)
    }).pipe(
      Effect.provide(
        MemoryCni.layer({ a: { ADD: { cniVersion: "1.0.0", ips: [{ address: "10.0.0.1/24" }] } }, b: {}, c: {} })
      )
    ))

  it.effect("gives no namespace to the plugins when the path names another one by now", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const id = { device: "0", inode: "another", boot: "memory" }
      const replaced = NetworkNamespaces.of({
        identify: () => Effect.succeed({ _tag: "Namespace", id, isOwn: false }),
        interfaceAt: () => Effect.succeed("unseen")
      })
      yield* withService(Cni.delAttachment(key), NetworkNamespaces, replaced)
      for (const { environment } of yield* deletions) assert.strictEqual(environment["CNI_NETNS"], "")
      assert.isTrue(yield* isForgotten)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {} }))))

  it.effect("says so when nothing is stored, or nothing that could be used", () =>
    Effect.gen(function*() {
      const tagOf = (network: string) =>
        Effect.map(Effect.flip(Cni.delAttachment({ ...key, network })), ({ _tag }) => _tag)
      assert.strictEqual(yield* tagOf("net"), "NotAttached")
      assert.strictEqual(yield* tagOf("old"), "CacheKindMismatch")
      assert.strictEqual(yield* tagOf("bad"), "CacheEntryInvalid")
      assert.strictEqual(yield* tagOf("odd"), "CacheEntryInvalid")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer({}, {
      cache: {
        "old-c1-eth0": `{"cniVersion":"1.0.0"}`,
        "bad-c1-eth0": "{",
        "odd-c1-eth0": `{"kind":"cniCacheV1","networkName":"odd","containerId":"c1","ifName":"eth0","config":"e30="}`
      }
    }))))
})

describe("abandon", () => {
  it.effect("forgets without asking anybody, and says what may leak", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const { addresses, interfaces, plugins } = yield* Cni.abandon(key)
      assert.deepStrictEqual({ addresses, interfaces, plugins }, {
        addresses: ["10.0.0.1/24"],
        interfaces: [{ name: "veth0", sandbox: "" }],
        plugins: ["a", "b", "c"]
      })
      assert.deepStrictEqual(yield* deletions, [])
      assert.isTrue(yield* isForgotten)
      assert.strictEqual((yield* Effect.flip(Cni.abandon(key)))._tag, "NotAttached")
    }).pipe(
      Effect.provide(
        MemoryCni.layer({
          a: { ADD: { cniVersion: "1.0.0", interfaces: [{ name: "veth0" }], ips: [{ address: "10.0.0.1/24" }] } },
          b: {},
          c: {}
        })
      )
    ))

  it.effect("takes away what cannot be read", () =>
    Effect.gen(function*() {
      yield* Cni.abandon(key)
      assert.isTrue(yield* isForgotten)
    }).pipe(Effect.provide(MemoryCni.layer({}, { cache: { "net-c1-eth0": "{" }, journal: { "net-c1-eth0": "{" } }))))

  it.effect("leaves a record alone that is another attachment's", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, shared)
      yield* overwrite
      yield* Cni.abandon(sharedKey)
      assert.deepStrictEqual(yield* recorded, ["d"])
      assert.deepStrictEqual((yield* (yield* AttachmentJournal).list()).entries, [])
      assert.strictEqual((yield* Effect.flip(Cni.abandon(sharedKey)))._tag, "NotAttached")
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {} }))))

  it.effect("knows nothing of an attachment whose file names are another's, though that one's entry is damaged", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.abandon(sharedKey)))._tag, "NotAttached")
      assert.strictEqual((yield* Effect.flip(Cni.delAttachment(sharedKey)))._tag, "NotAttached")
      yield* Cni.delNetworkList(net, shared)
      assert.strictEqual((yield* (yield* AttachmentJournal).list()).damaged.length, 1)
      assert.deepStrictEqual(yield* recorded, ["d"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {} }, {
      cache: {
        "net-c-d-eth0": `{"kind":"cniCacheV1","networkName":"net-c","containerId":"d","ifName":"eth0","config":""}`
      },
      journal: { "net-c-d-eth0": "{" }
    }))))

  it.effect("removes nothing when the line cannot be kept", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const journal = yield* AttachmentJournal
      const full = {
        ...journal,
        audit: () => journal.note({ ...key, network: "none" }, { _tag: "Succeeded", result: {} })
      }
      const error = yield* Effect.flip(withService(Cni.abandon(key), AttachmentJournal, full))
      assert.strictEqual(error._tag, "CacheIoError")
      assert.isFalse(yield* isForgotten)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {}, c: {} }))))
})
