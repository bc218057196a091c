/** The commands that look at attachments, in memory. */
import { assert, describe, it } from "@effect/vitest"
import { type CacheEntry, JournalEntry } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Entry from "../../../../../src/domain/attachment/CacheEntry.ts"
import { AttachmentsView, InspectView } from "../../../../../src/programs/cli/handlers/views.ts"
import { leftBehind } from "../../../../support/journalEntry.ts"
import { lastLine, outcome, session, type World } from "../../support.ts"

const mynet = `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`
const result = {
  cniVersion: "1.0.0",
  interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01", sandbox: "/run/netns/blue" }],
  ips: [{ address: "10.1.0.5/24", gateway: "10.1.0.1", interface: 0 }],
  routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1" }],
  dns: { nameservers: ["10.1.0.1"] }
}

const world: World = {
  plugins: { bridge: { ADD: result }, portmap: { ADD: result } },
  networks: { "10-mynet.conflist": mynet }
}

const record = (containerId: string, ifName = "eth0"): CacheEntry.CacheRecord => ({
  _tag: "CacheRecord",
  network: "other",
  containerId,
  ifName,
  config: new TextEncoder().encode(`{"name":"other","cniVersion":"1.0.0"}`),
  netns: "/run/netns/x",
  cniArgs: [["K", "\u001b]0;V\u0007"]],
  capabilityArgs: { ports: [80] },
  result: { cniVersion: "1.0.0", ips: [{ address: "10.2.0.9/24" }] },
  unknown: {}
})

const entry = (containerId: string, more: Partial<JournalEntry.JournalEntry>): string =>
  JournalEntry.encode({
    ...leftBehind({ network: "mynet", containerId, ifName: "eth0" }),
    plugins: [{ type: "bridge" }],
    netns: "/run/netns/y",
    ...more
  })

const mixed: World = {
  ...world,
  cache: {
    "other-foreign-eth0": Entry.encode(record("foreign")),
    "other-foreign-eth1": Entry.encode(record("foreign", "eth1")),
    "mynet-damaged-eth0": "{",
    "mynet-bare-eth0": `{"cniVersion":"0.4.0"}`
  },
  journal: {
    "mynet-half-eth0": entry("half", {}),
    "mynet-gone-eth0": entry("gone", { state: "attached" }),
    "mynet-damaged-eth0": entry("damaged", { state: "attached" }),
    "mynet-torn-eth0": `{"kind":`,
    "mynet--": entry("", { ifName: "" })
  }
}

const resultOf = <A, I>(view: Schema.Codec<A, I>, stdout: string) =>
  Effect.map(
    Schema.decodeEffect(Schema.fromJsonString(Schema.Struct({ ok: Schema.Literal(true), result: view })))(stdout),
    ({ result }) => result
  )

describe("effect-cni attachments", () => {
  it.effect("says that there are none, and where it has looked", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome(world, "attachments", "--cache-dir", "/cache")
      assert.deepStrictEqual([status, stdout], [0, "nothing is attached, as far as /cache says\n"])
    }))

  it.effect("shows the namespace of a record without one by its result, and that it is gone", () =>
    Effect.gen(function*() {
      const made = {
        cniVersion: "1.0.0",
        interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01", sandbox: "/run/netns/x" }]
      }
      const cache = { "other-c-eth0": Entry.encode({ ...record("c"), netns: "", result: made }) }
      const shown = Effect.fnUntraced(function*(mac: string) {
        const namespaces = { "/run/netns/x": { eth0: mac } }
        const [json, table] = yield* session({ ...world, cache, namespaces }, ["attachments", "--json"], [
          "attachments"
        ])
        const { attachments } = yield* resultOf(AttachmentsView, json?.stdout ?? "")
        const { namespace, netns } = attachments[0] ?? {}
        return { namespace, netns, table: table?.stdout ?? "" }
      })
      const there = yield* shown("02:00:00:00:00:01")
      assert.deepInclude(there, { namespace: "there", netns: "/run/netns/x" })
      assert.notInclude(there.table, "no namespace")
      const gone = yield* shown("02:00:00:00:00:02")
      assert.deepInclude(gone, { namespace: "gone", netns: "/run/netns/x" })
      assert.include(gone.table, "no namespace")
    }))

  it.effect("shows what add has attached, as a table or as a tree", () =>
    Effect.gen(function*() {
      const add = ["add", "mynet", "/run/netns/blue", "--container-id", "blue"]
      const [, table, tree] = yield* session(world, add, ["attachments"], ["attachments", "--tree"])
      assert.match(
        table?.stdout ?? "",
        /^NETWORK .*\nmynet +blue +eth0 +10\.1\.0\.5\/24 +attached +just now +effect-cni.* \/run\/netns\/blue\n$/
      )
      assert.match(
        tree?.stdout ?? "",
        /^mynet\n└─ blue\n {3}└─ eth0 10\.1\.0\.5\/24: attached, just now, by .*\n {6}└─ \/run\/netns\/blue\n$/
      )
    }))

  it.effect("shows what is left half-way, what others have attached, and what cannot be read", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(mixed, "attachments", "--json")
      const { attachments, collecting, unreadable } = yield* resultOf(AttachmentsView, stdout)
      assert.deepStrictEqual(
        attachments.map(({ containerId, ifName, runtime, state }) => [containerId, ifName, state, runtime]),
        [
          ["damaged", "eth0", "attached", "effect-cni"],
          ["gone", "eth0", "vanished", "effect-cni"],
          ["half", "eth0", "adding", "effect-cni"],
          ["foreign", "eth0", "attached", "other"],
          ["foreign", "eth1", "attached", "other"]
        ]
      )
      assert.deepStrictEqual(collecting.map(({ network }) => network), ["mynet"])
      assert.deepStrictEqual(unreadable.map(({ file }) => file), [
        "memory:mynet-bare-eth0",
        "memory:mynet-damaged-eth0",
        "memory:journal/mynet-torn-eth0"
      ])
      const person = yield* outcome(mixed, "attachments")
      assert.match(person.stdout, /half +eth0 +adding, died/)
      assert.match(
        person.stdout,
        /half:eth0: the process that was at it has died; to clean up:\n {4}effect-cni recover\n/
      )
      assert.match(person.stdout, /memory:mynet-bare-eth0: cannot be read: it is a result without a record/)
    }))

  it.effect.each(["constructor", "__proto__"])(
    "shows a file called %s as one that cannot be read",
    (name) =>
      Effect.gen(function*() {
        const { stdout } = yield* outcome({ ...world, cache: { [name]: "{" } }, "attachments", "--json")
        const { attachments, unreadable } = yield* resultOf(AttachmentsView, stdout)
        assert.deepStrictEqual([attachments, unreadable.map(({ file }) => file)], [[], [`memory:${name}`]])
      })
  )

  it.effect("shows a record that does not say whose it is by its file name, unless that can be of several", () =>
    Effect.gen(function*() {
      const nameless = (more: object) =>
        JSON.stringify({
          kind: "cniCacheV1",
          result: { cniVersion: "1.0.0", ips: [{ address: "10.3.0.1/24" }] },
          ...more
        })
      const others: World = {
        ...world,
        cache: {
          "other-c1-eth0": nameless({}),
          "other-a-b-eth0": nameless({ networkName: "other" }),
          "other-a-b-eth1": nameless({ networkName: "other", ifName: "eth1" }),
          "mynet-half-eth0": nameless({ result }),
          "odd": nameless({})
        },
        journal: { "mynet-half-eth0": entry("half", { state: "attached", result }) }
      }
      const { stdout } = yield* outcome(others, "attachments", "--json")
      const { attachments, unreadable } = yield* resultOf(AttachmentsView, stdout)
      assert.deepStrictEqual(
        attachments.map(({ containerId, ifName, network, runtime }) => [network, containerId, ifName, runtime]),
        [
          ["mynet", "half", "eth0", "effect-cni"],
          ["other", "a-b", "eth1", "other"],
          ["other", "c1", "eth0", "other"]
        ]
      )
      assert.deepStrictEqual(attachments[2]?.addresses, ["10.3.0.1/24"])
      assert.deepStrictEqual(unreadable.map(({ file }) => file), ["memory:odd", "memory:other-a-b-eth0"])
      assert.match(
        unreadable[1]?.issue ?? "",
        /^it does not say whose it is, .*: effect-cni del NETWORK --container-id ID/
      )
    }))

  it.effect("shows both of two attachments that have one file name", () =>
    Effect.gen(function*() {
      const sharing: World = {
        ...world,
        cache: { "other-a-b-eth0": Entry.encode(record("a-b")) },
        journal: { "other-a-b-eth0": entry("b", { network: "other-a" }) }
      }
      const { stdout } = yield* outcome(sharing, "attachments", "--json")
      const { attachments } = yield* resultOf(AttachmentsView, stdout)
      assert.deepStrictEqual(
        attachments.map(({ containerId, network, runtime, state }) => [network, containerId, state, runtime]),
        [["other-a", "b", "adding", "effect-cni"], ["other", "a-b", "attached", "other"]]
      )
    }))

  it.effect.each([40, 80, 200])(
    "has a table that fits %d columns of a terminal, and has no colours where there are none",
    (columns) =>
      Effect.gen(function*() {
        const surface = { isTerminal: true, hasColours: false, columns }
        const { stdout } = yield* outcome({ ...mixed, surface }, "attachments")
        const [table = ""] = stdout.split("\n\n")
        for (const line of table.split("\n")) assert.isAtMost(line.length, columns)
        assert.notInclude(stdout, "\u001b")
      })
  )
})

describe("effect-cni inspect", () => {
  it.effect("shows addresses, routes, arguments and what is stored", () =>
    Effect.gen(function*() {
      const add = ["add", "mynet", "/run/netns/blue", "--container-id", "blue"]
      const [, inspected] = yield* session({ ...world, environment: { CNI_ARGS: "K=V" } }, add, ["inspect", "blu"])
      for (
        const line of [
          "blue has eth0 on network mynet: attached",
          "├─ namespace /run/netns/blue",
          "├─ address 10.1.0.5/24 on eth0 gateway 10.1.0.1",
          "├─ route 0.0.0.0/0 via 10.1.0.1",
          "├─ interface eth0 mac 02:00:00:00:00:01 in /run/netns/blue",
          "├─ name server 10.1.0.1",
          "├─ argument K=V",
          "├─ record memory:mynet-blue-eth0",
          `    "name": "mynet",`
        ]
      ) assert.include(inspected?.stdout.split("\n") ?? [], line)
    }))

  it.effect("has all attachments of a container in one object with --json", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(mixed, "inspect", "foreign", "--json")
      const view = yield* resultOf(InspectView, stdout)
      assert.deepStrictEqual(view.attachments.map(({ addresses, config, ifName }) => [ifName, addresses, config]), [
        ["eth0", ["10.2.0.9/24"], { name: "other", cniVersion: "1.0.0" }],
        ["eth1", ["10.2.0.9/24"], { name: "other", cniVersion: "1.0.0" }]
      ])
    }))

  it.effect("writes out what a terminal would act upon", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(mixed, "inspect", "foreign")
      assert.include(stdout, "argument K=\\u{1b}]0;V\\u{7}")
      assert.notInclude(stdout, "\u001b")
    }))

  it.effect("shows the damaged record beside what the journal knows", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(mixed, "inspect", "damaged")
      assert.match(stdout, /damaged has eth0 on network mynet: attached/)
      assert.match(stdout, /memory:mynet-damaged-eth0: cannot be read/)
      assert.notMatch(stdout, /bare/)
      const alone = yield* outcome(mixed, "inspect", "torn")
      assert.match(alone.stdout, /memory:journal\/mynet-torn-eth0: cannot be read/)
    }))

  it.effect("asks for more where several begin like that, and offers what is written alike", () =>
    Effect.gen(function*() {
      const two = { ...world, cache: { a: Entry.encode(record("abc1")), b: Entry.encode(record("abc2")) } }
      const [ambiguous, unknown] = yield* session(two, ["inspect", "abc"], ["inspect", "xbc1"])
      assert.match(ambiguous?.stderr ?? "", /abc1\n {2}abc2\n/)
      assert.strictEqual(
        unknown?.stderr,
        `error: no container "xbc1" is attached, nor left half-way\n  did you mean "abc1" or "abc2"?\n`
      )
    }))
})

describe("an error", () => {
  const failing = {
    ...world,
    plugins: { ...world.plugins, bridge: { ADD: MemoryCni.fail({ code: 7, msg: "\u001b]0;x" }) } }
  }
  const add = ["add", "mynet", "/run/netns/blue"]

  it.effect("has nothing in it that a terminal acts upon, and for scripts libcni's words as they are", () =>
    Effect.gen(function*() {
      const surface = { isTerminal: true, hasColours: false, columns: 80 }
      assert.notInclude((yield* outcome({ ...failing, surface }, ...add)).stderr, "\u001b")
      const piped = (yield* outcome(failing, ...add)).stderr
      assert.strictEqual(piped.split("\u001b").length, 2)
      assert.include(lastLine(piped), "\u001b]0;x")
    }))
})

describe("gc --dry-run", () => {
  it.effect("writes nothing to a terminal that it acts upon, for a record with any text", () =>
    Effect.gen(function*() {
      const ours = { ...record("c1\u001b[2J\nfree"), network: "mynet" }
      const hostile = { ...world, cache: { "mynet-c1-eth0": Entry.encode(ours) } }
      const { stdout } = yield* outcome(hostile, "gc", "mynet", "--all", "--dry-run")
      assert.strictEqual(stdout, "would delete c1\\u{1b}[2J\\u{a}free:eth0\n")
    }))
})
