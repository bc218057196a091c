/** What an ADD sees in its namespace before it runs a plugin, and what that means for its undo. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, Cni, JournalEntry, PluginVersions, Tunables } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network, request, result } from "../support/network.ts"

const net = network(["a", "b"])
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const no = MemoryCni.fail({ code: 100, msg: "no" })
const own = { ...c1, netns: "/proc/self/ns/net" }
const taken = { interfaces: { "/run/netns/c1": { lo: "00:00:00:00:00:00", eth0: "02:00:00:00:00:01" } } }
const empty = { interfaces: { "/run/netns/c1": {} } }

const entry = AttachmentJournal.use((journal) => Effect.map(journal.get(key), Option.getOrUndefined))

const nothingStored = Effect.gen(function*() {
  assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
  assert.deepStrictEqual(yield* AttachmentCache.use((cache) => cache.list()), [])
})

/** CNI_NETNS of each DEL. */
const namespaces = PluginInvocations.use(({ all }) =>
  Effect.map(
    all,
    (runs) => runs.filter(({ command }) => command === "DEL").map(({ environment }) => environment["CNI_NETNS"])
  )
)

describe("an ADD over an interface that nobody has stored", () => {
  it.effect("is refused before anything is run or written, and says what is there", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(net, c1))
      assert(error._tag === "InterfaceExists")
      assert.deepInclude(error, { ...key, netns: "/run/netns/c1", mac: "02:00:00:00:00:01" })
      assert.include(error.message, `/run/netns/c1 has an interface "eth0" (MAC address 02:00:00:00:00:01) already`)
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      yield* nothingStored
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, taken))))

  it.effect("is refused in a scope too, which then deletes nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Cni.attach(net, c1)))
      assert.strictEqual(error._tag, "InterfaceExists")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, taken))))

  it.effect.each(["allow", "new namespace"] as const)(
    "goes on where the caller says %s",
    (existing) =>
      Effect.gen(function*() {
        yield* Effect.provideService(Cni.addNetworkList(net, c1), Tunables.ExistingInterface, existing)
        assert.strictEqual((yield* entry)?.look, existing === "allow" ? "allowed" : "free")
      }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, taken)))
  )

  it.effect("is not refused because of lo, which each namespace has, nor of another name", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, { ...c1, ifName: "lo" })
      yield* Cni.addNetworkList(net, { ...c1, ifName: "eth1" })
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, taken))))

  it.effect("is what libcni does: its own way of working does not look", () =>
    Cni.addNetworkList(net, c1).pipe(
      Effect.provideService(Tunables.Compat, "libcni"),
      Effect.provide(MemoryCni.layer({ a: {}, b: {} }, taken))
    ))
})

describe("an ADD to the runtime's own namespace", () => {
  it.effect.each(["eth0", "lo"])(
    "is refused before anything is run or written, with or without %s",
    (ifName) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Cni.addNetworkList(net, { ...own, ifName }))
        assert(error._tag === "OwnNamespace")
        assert.include(error.message, "/proc/self/ns/net is the network namespace that this process runs in")
        assert.deepStrictEqual(yield* MemoryCni.invocations, [])
        yield* nothingStored
      }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} })))
  )

  it.effect("goes on where the caller allows it, and a DEL of that attachment gets the namespace", () =>
    Effect.gen(function*() {
      yield* Effect.provideService(Cni.addNetworkList(net, own), Tunables.OwnNamespace, "allow")
      assert.isTrue((yield* entry)?.ownNamespace)
      yield* Cni.delAttachment(key)
      assert.deepStrictEqual(yield* namespaces, [own.netns, own.netns])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is passed on by no DEL of an attachment that was not allowed to", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* Cni.delNetworkList(net, own)
      yield* Cni.delNetworkList(net, own)
      yield* Cni.detach(net, own)
      assert.deepStrictEqual(yield* namespaces, ["", "", "", "", "", ""])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }))))

  it.effect("is passed on by no GC, and by no recovery", () =>
    Effect.gen(function*() {
      yield* Cni.gcNetworkList(net, { keep: [] })
      yield* Cni.recover
      assert.deepStrictEqual(yield* namespaces, ["", "", "", ""])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, {
      cache: {
        "net-c2-eth0":
          `{"kind":"cniCacheV1","networkName":"net","containerId":"c2","ifName":"eth0","netns":"${own.netns}","config":"","result":{}}`
      },
      journal: {
        "net-c1-eth0": JournalEntry.encode({
          ...leftBehind(key),
          netns: own.netns,
          namespace: { device: "0", inode: own.netns, boot: "memory" }
        })
      }
    }))))
})

describe("the undo of an ADD whose namespace nobody could look into", () => {
  it.effect("deletes without the namespace when the first plugin itself failed", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Cni.addNetworkList(net, c1))
      assert.deepStrictEqual(yield* namespaces, [""])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: no }, b: {} }))))

  it.effect("deletes in the namespace once a plugin has succeeded: the interface is the ADD's own", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Cni.addNetworkList(net, c1))
      assert.deepStrictEqual(yield* namespaces, ["/run/netns/c1", "/run/netns/c1"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) }, b: { ADD: no } }))))

  it.effect("deletes in the namespace when no interface was there before", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Cni.addNetworkList(net, c1))
      assert.deepStrictEqual(yield* namespaces, ["/run/netns/c1"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: no }, b: {} }, empty))))

  const killed = (look: JournalEntry.InterfaceLook, events: ReadonlyArray<JournalEntry.JournalEvent>) => ({
    journal: {
      "net-c1-eth0": JournalEntry.encode({
        ...leftBehind(key),
        netns: "/run/netns/c1",
        namespace: { device: "0", inode: "/run/netns/c1", boot: "memory" },
        look
      }) + events.map(JournalEntry.encodeEvent).join("")
    }
  })

  it.effect.each<readonly [JournalEntry.InterfaceLook, ReadonlyArray<JournalEntry.JournalEvent>, string]>([
    ["unseen", [], ""],
    ["unseen", [{ _tag: "Succeeded", result: {} }], "/run/netns/c1"],
    ["free", [], "/run/netns/c1"]
  ])(
    "is left to recover after a kill, which decides by what the entry says: %s",
    ([look, events, netns]) =>
      Effect.gen(function*() {
        yield* Cni.recover
        assert.deepStrictEqual(yield* namespaces, [netns, netns])
      }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, killed(look, events))))
  )
})

describe("a mistake in a configuration", () => {
  it.effect("locks nothing: an undo that fails and leaves no interface leaves no entry, and the error is the ADD's own", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(net, c1))
      assert(error._tag === "PluginError")
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "a DEL", "a DEL"])
      yield* nothingStored
      yield* Cni.addNetworkList(net, c1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: [no, {}], DEL: no }, b: {} }, empty))))

  it.effect("is got out of by the corrected chain, where the one that is stored cannot be deleted", () =>
    Effect.gen(function*() {
      yield* Effect.exit(Cni.addNetworkList(net, c1))
      assert.strictEqual((yield* entry)?.state, "failed")
      const corrected = network(["right", "b"])
      yield* Cni.addNetworkList(corrected, c1)
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(3), [
        "b DEL",
        "a DEL",
        "a DEL",
        // The corrected chain.
        "b DEL",
        "right DEL",
        "right ADD",
        "b ADD"
      ])
      assert.strictEqual((yield* entry)?.state, "attached")
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: no, DEL: no }, b: {}, right: {} }))))

  it.effect("is got out of by the corrected arguments, too", () =>
    Effect.gen(function*() {
      const capable = network([], { plugins: [{ type: "a", capabilities: { portMappings: true, mac: true } }] })
      const mistaken = { mac: "02:00:00:00:00:07", portMappings: "80" }
      yield* Effect.exit(Cni.addNetworkList(capable, { ...c1, args: [["A", "1"]], capabilityArgs: mistaken }))
      yield* Effect.exit(
        Cni.addNetworkList(capable, { ...c1, args: [["A", "2"]], capabilityArgs: { portMappings: [] } })
      )
      const given = (yield* PluginInvocations.use(({ all }) => all)).slice(3).map((run) =>
        [run.command, run.environment["CNI_ARGS"], request(run)["runtimeConfig"]] as const
      )
      assert.deepStrictEqual(given, [
        ["DEL", "A=1", mistaken],
        ["DEL", "A=1", mistaken],
        ["DEL", "A=2", { ...mistaken, portMappings: [] }],
        ["ADD", "A=2", { portMappings: [] }]
      ])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: [no, {}], DEL: [no, no, no, no, {}] } }))))

  it.effect("is found before anything is run by the VERSION that a plugin has answered before", () =>
    Effect.gen(function*() {
      yield* PluginVersions.use((versions) => versions.of("b"))
      const error = yield* Effect.flip(Cni.addNetworkList(network(["a", "b"], { cniVersion: "1.1.0" }), c1))
      assert(error._tag === "VersionNotSupported")
      assert.deepInclude(error, { plugin: "b", version: "1.1.0", supported: ["0.4.0", "1.0.0"] })
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["b VERSION"])
      yield* nothingStored
      yield* Cni.addNetworkList(net, c1)
    }).pipe(
      Effect.provide(
        MemoryCni.layer({ a: {}, b: { VERSION: { cniVersion: "1.0.0", supportedVersions: ["0.4.0", "1.0.0"] } } })
      )
    ))
})
