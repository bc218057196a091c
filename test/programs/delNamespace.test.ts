/** Which namespace the plugins get in a DEL, in every way that one can be asked for or come about. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, Cni, type CniError, JournalEntry, NetworkNamespaces, type VerbErrors } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Ref from "effect/Ref"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network } from "../support/network.ts"
import { replacing } from "../support/withService.ts"

type Failure =
  | VerbErrors.DelNetworkListError
  | VerbErrors.DetachError
  | VerbErrors.DelAttachmentError
  | CniError.GcIncomplete

const net = network(["a"])
const other = network(["b"], { name: "other" })
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const netns = "/run/netns/c1"

/** "plugin netns" of each DEL. */
const deletions = PluginInvocations.use(({ all }) =>
  Effect.map(
    all,
    (runs) =>
      runs.filter(({ command }) => command === "DEL").map(({ environment, plugin }) =>
        `${plugin} ${environment["CNI_NETNS"]}`
      )
  )
)

const recordText = (name: string, members: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    kind: "cniCacheV1",
    networkName: name,
    containerId: "c1",
    ifName: "eth0",
    config: btoa(JSON.stringify({ cniVersion: "1.0.0", name, plugins: [{ type: name === "net" ? "a" : "b" }] })),
    netns,
    result: {},
    ...members
  })

const plugins = { a: {}, b: {} }

describe("a DEL of an interface that another network has attached", () => {
  const asked: Readonly<Record<string, Effect.Effect<void, Failure, MemoryCni.Services>>> = {
    delNetworkList: Cni.delNetworkList(net, c1),
    detach: Cni.detach(net, c1)
  }

  it.effect.each(Object.keys(asked))(
    "%s is refused where nothing is stored for the network asked, and names the other one",
    (verb) =>
      Effect.gen(function*() {
        yield* Cni.addNetworkList(other, c1)
        const error = yield* Effect.flip(asked[verb] ?? Effect.void)
        assert(error._tag === "AttachedElsewhere")
        assert.deepInclude(error, { ...key, netns, existing: "other" })
        assert.include(error.message, `is attached to network "other", not to "net"`)
        assert.deepStrictEqual(yield* deletions, [])
      }).pipe(Effect.provide(MemoryCni.layer(plugins)))
  )

  it.effect("runs without a namespace where none is given, and in another namespace", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(other, c1)
      yield* Cni.delNetworkList(net, { containerId: "c1", ifName: "eth0" })
      yield* Cni.delNetworkList(net, { ...c1, netns: "/run/netns/c2" })
      assert.deepStrictEqual(yield* deletions, ["a ", "a /run/netns/c2"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("runs where the other one is dead", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(net, c1)
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      journal: { "other-c1-eth0": JournalEntry.encode(attachedIn("an earlier boot", { ...key, network: "other" })) },
      cache: { "other-c1-eth0": recordText("other") }
    }))))

  it.effect("runs where the scope of the other one has died", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(net, c1)
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      journal: {
        "other-c1-eth0": JournalEntry.encode({ ...attachedIn("memory", { ...key, network: "other" }), scoped: true })
      },
      cache: { "other-c1-eth0": recordText("other") }
    }))))

  it.effect("says why it runs without the namespace where both networks are stored", () => {
    const lines: Array<string> = []
    return Effect.gen(function*() {
      yield* Cni.delNetworkList(net, c1)
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], `because ${netns} has interface "eth0" from network "other"`)
    }).pipe(Effect.provide(Layer.merge(
      MemoryCni.layer(plugins, { cache: { "net-c1-eth0": recordText("net"), "other-c1-eth0": recordText("other") } }),
      warnings(lines)
    )))
  })

  it.effect("runs without the namespace where both networks are stored, by whatever verb", () =>
    Effect.gen(function*() {
      const cache = yield* AttachmentCache
      const [record] = yield* cache.list()
      assert(record !== undefined)
      const config = new TextEncoder().encode(
        JSON.stringify({ cniVersion: "1.0.0", name: "net", plugins: [{ type: "a" }] })
      )
      const again = cache.put({ ...record, network: "net", config })
      yield* again
      yield* Cni.delNetworkList(net, c1)
      yield* again
      yield* Cni.detach(net, c1)
      yield* again
      yield* Cni.delAttachment(key)
      yield* again
      yield* Cni.gcNetworkList(net, { keep: [] })
      assert.deepStrictEqual(yield* deletions, ["a ", "a ", "a ", "a "])
      // What is left is alone now.
      yield* Cni.delNetworkList(other, c1)
      assert.deepStrictEqual((yield* deletions).at(-1), `b ${netns}`)
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "other-c1-eth0": recordText("other") } }))))

  it.effect("runs without the namespace in a recovery", () =>
    Effect.gen(function*() {
      yield* Cni.recover
      assert.deepStrictEqual(yield* deletions, ["a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      journal: { "net-c1-eth0": JournalEntry.encode({ ...attachedIn("memory", key), state: "adding" }) },
      cache: { "other-c1-eth0": recordText("other") }
    }))))
})

const attachedIn = (boot: string, of: typeof key): JournalEntry.JournalEntry => {
  const left = leftBehind(of)
  return {
    ...left,
    state: "attached",
    plugins: [{ type: of.network === "net" ? "a" : "b" }],
    netns,
    namespace: { device: "0", inode: netns, boot },
    owner: { ...left.owner, boot, machine: "memory" },
    result: {},
    done: 1
  }
}

describe("a caller that deletes as container runtimes do", () => {
  it.effect("comes to an end when it deletes twice", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* Cni.delNetworkList(net, c1)
      yield* Cni.delNetworkList(net, c1)
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`, `a ${netns}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("deletes nothing of another container that has the namespace by now, whoever attached it", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, { ...c1, containerId: "c2" })
      yield* Cni.delNetworkList(net, c1)
      yield* Cni.delNetworkList(net, { ...c1, netns: "/run/netns/c3" })
      assert.deepStrictEqual(yield* deletions, ["a ", "a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: { "net-c3-eth0": recordText("net", { containerId: "c3", netns: "/run/netns/c3" }) }
    }))))

  it.effect("deletes nothing of another container that has it by another path, or by the path in its result alone", () =>
    Effect.gen(function*() {
      const onHost = withHost({ "/run/netns/c2": "102 1", "/proc/2/ns/net": "102 process-5", "/run/netns/c3": "103 1" })
      yield* onHost(Cni.delNetworkList(net, { ...c1, netns: "/proc/2/ns/net" }))
      yield* onHost(Cni.delNetworkList(net, { ...c1, netns: "/run/netns/c3" }))
      assert.deepStrictEqual(yield* deletions, ["a ", "a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: {
        "net-c2-eth0": recordText("net", { containerId: "c2", netns: "/run/netns/c2" }),
        "net-c3-eth0": recordText("net", {
          containerId: "c3",
          netns: undefined,
          result: { cniVersion: "1.0.0", interfaces: [{ name: "eth0", sandbox: "/run/netns/c3" }] }
        })
      }
    }))))

  it.effect("deletes in a namespace whose path another container had before", () =>
    Effect.gen(function*() {
      yield* withHost(before)(Cni.addNetworkList(net, { ...c1, containerId: "c2" }))
      yield* withHost({ [netns]: "101 3" })(Cni.delNetworkList(net, c1))
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("comes to an end when it deletes after an ADD that was refused on the same network", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "AttachmentExists")
      yield* Cni.delNetworkList(net, c1)
      yield* Cni.delNetworkList(net, c1)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("comes to an end when it deletes all networks of a pod, until each DEL has succeeded once in one round", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(other, c1)
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "AttachmentExists")
      const round = Effect.forEach([net, other], (list) => Effect.result(Cni.delNetworkList(list, c1)))
      assert.deepStrictEqual((yield* round).map(({ _tag }) => _tag), ["Failure", "Success"])
      assert.deepStrictEqual((yield* round).map(({ _tag }) => _tag), ["Success", "Success"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("comes to an end when the namespace has gone, whatever was refused before", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(other, c1)
      yield* Effect.flip(Cni.delNetworkList(net, c1))
      yield* Cni.delNetworkList(net, { containerId: "c1", ifName: "eth0" })
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})

/** A host on which paths name other things than in memory: a namespace by its identity, or none. */
const host = (paths: Readonly<Record<string, string | undefined>>) =>
  Layer.effect(
    NetworkNamespaces,
    Effect.map(Ref.make(paths), (state) =>
      NetworkNamespaces.of({
        identify: (path) =>
          Effect.map(Ref.get(state), (all) => {
            const found = all[path]
            if (found === undefined) return { _tag: "Nothing" }
            if (found === "file") return { _tag: "OtherFile" }
            const [inode = "", createdAt = "", boot = "memory"] = found.split(" ")
            return { _tag: "Namespace", id: { device: "4", inode, createdAt, boot }, isOwn: false }
          }),
        interfaceAt: (path) => Effect.succeed(all(path) === undefined ? "unseen" : { mac: "02:00:00:00:00:07" })
      }))
  ).pipe(replacing)

const all = (path: string): string | undefined => path === "/run/netns/stored" ? path : undefined

const withHost = (paths: Readonly<Record<string, string | undefined>>) => Effect.provide(host(paths))

const before = { "/run/netns/c1": "100 1", "/proc/7/ns/net": "100 process-5" }

const warnings = (lines: Array<string>) =>
  Logger.layer([Logger.make(({ logLevel, message }) => void (logLevel === "Warn" && lines.push(String(message))))])

describe("a DEL whose path names another namespace than at the ADD", () => {
  const verbs: Readonly<Record<string, (path: string) => Effect.Effect<void, Failure, MemoryCni.Services>>> = {
    delNetworkList: (path: string) => Cni.delNetworkList(net, { ...c1, netns: path }),
    detach: (path: string) => Cni.detach(net, { ...c1, netns: path }),
    delAttachment: () => Cni.delAttachment(key),
    gcNetworkList: () => Cni.gcNetworkList(net, { keep: [] })
  }

  for (const [name, del] of Object.entries(verbs)) {
    it.effect(`${name} runs without it, and says why`, () => {
      const lines: Array<string> = []
      return Effect.gen(function*() {
        yield* withHost(before)(Cni.addNetworkList(net, c1))
        yield* withHost({ [netns]: "100 2" })(del(netns))
        assert.deepStrictEqual(yield* deletions, ["a "])
        assert.strictEqual(lines.length, 1)
        assert.include(lines[0], "because /run/netns/c1 is another network namespace by now")
      }).pipe(Effect.provide(Layer.merge(MemoryCni.layer(plugins), warnings(lines))))
    })

    it.effect(`${name} runs without it where a plain file has taken the path, or nothing has`, () =>
      Effect.gen(function*() {
        for (const found of ["file", undefined]) {
          yield* withHost(before)(Cni.addNetworkList(net, c1))
          yield* withHost({ [netns]: found })(del(netns))
        }
        assert.deepStrictEqual(yield* deletions, ["a ", "a "])
      }).pipe(Effect.provide(MemoryCni.layer(plugins))))
  }

  it.effect.each(
    [
      ["the same path", netns, before, netns],
      ["another path of it, made at another time", "/proc/7/ns/net", before, "/proc/7/ns/net"],
      ["another path of another one", "/proc/7/ns/net", { ...before, "/proc/7/ns/net": "101 process-5" }, ""],
      [
        "another path to what was made anew at the stored path",
        "/var/run/netns/c1",
        { [netns]: "100 2", "/var/run/netns/c1": "100 2" },
        ""
      ]
    ] as const
  )("is told from one by %s", ([, given, now, got]) =>
    Effect.gen(function*() {
      yield* withHost(before)(Cni.addNetworkList(net, c1))
      yield* withHost(now)(Cni.delNetworkList(net, { ...c1, netns: given }))
      assert.deepStrictEqual(yield* deletions, [`a ${got}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("is seen where a pid was used again", () =>
    Effect.gen(function*() {
      const process = { ...c1, netns: "/proc/7/ns/net" }
      yield* withHost(before)(Cni.addNetworkList(net, process))
      yield* withHost({ "/proc/7/ns/net": "100 process-9" })(Cni.delNetworkList(net, process))
      assert.deepStrictEqual(yield* deletions, ["a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})

describe("a DEL without a path", () => {
  const nameless = { containerId: "c1", ifName: "eth0" }

  it.effect("takes the stored one while it is the same namespace", () =>
    Effect.gen(function*() {
      yield* withHost(before)(Cni.addNetworkList(net, c1))
      yield* withHost(before)(Cni.delNetworkList(net, nameless))
      yield* withHost(before)(Cni.addNetworkList(net, c1))
      yield* withHost(before)(Cni.detach(net, nameless))
      yield* withHost(before)(Cni.addNetworkList(net, c1))
      yield* withHost({ [netns]: "101 3" })(Cni.delNetworkList(net, nameless))
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`, `a ${netns}`, "a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("takes the one of the record of another runtime", () =>
    Effect.gen(function*() {
      yield* Cni.delNetworkList(net, nameless)
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": recordText("net") } }))))

  const made = (sandbox: string, mac: string) => ({
    cache: {
      "net-c1-eth0": recordText("net", {
        netns: undefined,
        result: { cniVersion: "1.0.0", interfaces: [{ name: "br0" }, { name: "eth0", sandbox, mac }] }
      })
    }
  })

  it.effect.each([
    ["is there with the MAC address of the result", "/run/netns/stored", "02:00:00:00:00:07", "/run/netns/stored"],
    ["is there with another MAC address", "/run/netns/stored", "02:00:00:00:00:08", ""],
    ["is gone", "/run/netns/gone", "02:00:00:00:00:07", ""]
  ])(
    "takes the one of the stored result where no record has one and the interface %s",
    ([, sandbox, mac, got]) =>
      Effect.gen(function*() {
        const onHost = withHost({ "/run/netns/stored": "100 1" })
        yield* onHost(Cni.delNetworkList(net, nameless))
        assert.deepStrictEqual(yield* deletions, [`a ${got}`])
      }).pipe(Effect.provide(MemoryCni.layer(plugins, made(sandbox ?? "", mac ?? ""))))
  )

  it.effect("and of another network is refused by it, as by the path of a record", () =>
    Effect.gen(function*() {
      const onHost = withHost({ "/run/netns/stored": "100 1", "/proc/7/ns/net": "100 process-5" })
      for (const path of ["/run/netns/stored", "/proc/7/ns/net"]) {
        const error = yield* Effect.flip(onHost(Cni.delNetworkList(other, { ...c1, netns: path })))
        assert.strictEqual(error._tag, "AttachedElsewhere")
      }
      assert.deepStrictEqual(yield* deletions, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, made("/run/netns/stored", "02:00:00:00:00:07")))))

  it.effect("takes it in a GC too", () =>
    Effect.gen(function*() {
      yield* withHost({ "/run/netns/stored": "100 1" })(Cni.gcNetworkList(net, { keep: [] }))
      assert.deepStrictEqual(yield* deletions, ["a /run/netns/stored"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, made("/run/netns/stored", "02:00:00:00:00:07")))))
})

describe("a DEL of what was attached while the boot could not be read", () => {
  it.effect("reaches the namespace, also by what is stored alone; a recovery that nobody asked for does not", () =>
    Effect.gen(function*() {
      const unread = { [netns]: "100 1 " }
      yield* withHost(unread)(Cni.addNetworkList(net, c1))
      yield* withHost(before)(Cni.delAttachment(key))
      yield* withHost(unread)(Cni.addNetworkList(net, c1))
      yield* withHost(before)(Cni.delNetworkList(net, c1))
      yield* withHost(unread)(Cni.addNetworkList(net, c1))
      yield* withHost(before)(Cni.gcNetworkList(net, { keep: [] }))
      assert.deepStrictEqual(yield* deletions, [`a ${netns}`, `a ${netns}`, "a "])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})
