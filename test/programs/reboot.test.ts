/** What is attached when the host is started again, and what another machine has attached by a shared cache. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, JournalEntry, NetworkNamespaces } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network } from "../support/network.ts"
import { withService } from "../support/withService.ts"

const net = network(["a"])
const other = network(["a"], { name: "other" })
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const no = MemoryCni.fail({ code: 100, msg: "no" })

const deletions = PluginInvocations.use(({ all }) =>
  Effect.map(
    all,
    (runs) => runs.filter(({ command }) => command === "DEL").map(({ environment }) => environment["CNI_NETNS"])
  )
)

/** Attached, scoped or not, by a runtime of some boot of some machine; this one is boot "memory" of machine "memory". */
const attached = (
  owner: Pick<JournalEntry.Owner, "boot" | "machine">,
  scoped = false,
  state: JournalEntry.AttachmentState = "attached"
) => {
  const entry: JournalEntry.JournalEntry = {
    ...leftBehind(key),
    state,
    plugins: [{ type: "a" }],
    netns: c1.netns,
    namespace: { device: "0", inode: c1.netns, boot: owner.boot ?? "" },
    owner: { pid: 1, startTime: "1", lease: "dead", ...owner },
    scoped,
    result: {},
    done: 1
  }
  return {
    journal: { "net-c1-eth0": JournalEntry.encode(entry) },
    // An ADD makes its record at its end.
    cache: state === "adding" ? {} : {
      "net-c1-eth0":
        `{"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0","netns":"${c1.netns}","config":"","result":{}}`
    }
  }
}

const earlier = { boot: "before", machine: "memory" }
const elsewhere = { boot: "theirs", machine: "another" }

describe("an attachment of an earlier boot", () => {
  it.effect.each([true, false])(
    "is deleted by recover without its namespace, which says so (scoped: %s)",
    (scoped) =>
      Effect.gen(function*() {
        const { live, recovered } = yield* Cni.recover
        assert.deepStrictEqual(recovered, [{ ...key, state: "attached", ofEarlierBoot: true }])
        assert.deepStrictEqual(live, [])
        assert.deepStrictEqual(yield* deletions, [""])
        assert.deepStrictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries, [])
      }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached(earlier, scoped))))
  )

  it.effect.each([net, other])(
    "does not refuse an ADD on network $name, which deletes it first",
    (list) =>
      Effect.gen(function*() {
        yield* Cni.addNetworkList(list, c1)
        assert.deepStrictEqual(yield* MemoryCni.invocations, ["a DEL", "a ADD"])
        assert.deepStrictEqual(yield* deletions, [""])
      }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached(earlier))))
  )

  it.effect("does not refuse an ADD whose plugins cannot delete it any more", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const { entries } = yield* AttachmentJournal.use((journal) => journal.list())
      assert.deepStrictEqual(entries.map(({ state }) => state), ["attached"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { DEL: no } }, attached(earlier)))))

  it.effect("is deleted by a DEL that somebody asks for, without its namespace", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(net, c1)
      assert.deepStrictEqual(yield* deletions, [""])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached(earlier)))))
})

describe("an attachment of another machine, by a shared cache", () => {
  it.effect.each([true, false])("is left alone by recover (scoped: %s)", (scoped) =>
    Effect.gen(function*() {
      const { live, recovered } = yield* Cni.recover
      assert.deepStrictEqual(recovered, [])
      assert.deepStrictEqual(live, [{ ...key, state: "attached", ofEarlierBoot: false }])
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached(elsewhere, scoped)))))

  it.effect("refuses an ADD of the same container and interface", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "AttachmentExists")
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(other, c1)))._tag, "AttachmentExists")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached(elsewhere)))))
})

describe.each(["attached", "adding", "deleting", "failed"] as const)(
  "what another machine has in state %s, by a shared cache",
  (state) => {
    const stored = () => Effect.provide(MemoryCni.layer({ a: {} }, attached(elsewhere, false, state)))

    it.effect("refuses an ADD, which does not delete it", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "AttachmentExists")
        assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(other, c1)))._tag, "AttachmentExists")
        assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      }).pipe(stored()))

    it.effect("is left alone by a GC and by recover", () =>
      Effect.gen(function*() {
        yield* Cni.gcNetworkList(net, { keep: [] })
        assert.deepStrictEqual((yield* Cni.recover).live.length, 1)
        assert.deepStrictEqual(yield* deletions, [])
        assert.strictEqual((yield* AttachmentJournal.use((journal) => journal.list())).entries.length, 1)
      }).pipe(stored()))
  }
)

describe("an attachment of which no boot is known", () => {
  it.effect("is as live as it says", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* Cni.recover).recovered, [])
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "AttachmentExists")
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, attached({})))))
})

describe("a record of another runtime whose namespace is gone", () => {
  const gone = NetworkNamespaces.of({
    identify: () => Effect.succeed({ _tag: "Nothing" }),
    interfaceAt: () => Effect.succeed("unseen")
  })
  const recorded = (name: string, where: Readonly<Record<string, unknown>> = { netns: c1.netns, result: {} }) => ({
    cache: {
      [`${name}-c1-eth0`]: JSON.stringify({
        kind: "cniCacheV1",
        networkName: name,
        containerId: "c1",
        ifName: "eth0",
        config: btoa(JSON.stringify({ cniVersion: "1.0.0", name, plugins: [{ type: "a" }] })),
        ...where
      })
    }
  })

  it.effect.each(["net", "other"])("of network %s does not refuse an ADD", (name) =>
    Effect.gen(function*() {
      yield* withService(Cni.addNetworkList(net, c1), NetworkNamespaces, gone)
      const expected = name === "net" ? ["a DEL", "a ADD"] : ["a ADD"]
      assert.deepStrictEqual(yield* MemoryCni.invocations, expected)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {} }, recorded(name)))))

  it.effect("does not refuse an ADD where only its result had the path", () =>
    Effect.gen(function*() {
      yield* withService(Cni.addNetworkList(net, c1), NetworkNamespaces, gone)
      assert.deepStrictEqual(yield* deletions, [""])
    }).pipe(Effect.provide(MemoryCni.layer(
      { a: {} },
      recorded("net", {
        result: { cniVersion: "1.0.0", interfaces: [{ name: "eth0", sandbox: c1.netns, mac: "02:00:00:00:00:07" }] }
      })
    ))))

  it.effect("does not refuse an ADD where its plugins cannot delete it", () =>
    Effect.gen(function*() {
      yield* withService(Cni.addNetworkList(net, c1), NetworkNamespaces, gone)
      const { entries } = yield* AttachmentJournal.use((journal) => journal.list())
      assert.deepStrictEqual(entries.map(({ state }) => state), ["attached"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { DEL: no } }, recorded("net")))))
})
