/** What `del` does where the configuration is gone, and of all networks of a container. */
import { assert, describe, it } from "@effect/vitest"
import { JournalEntry } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { leftBehind } from "../../../../support/journalEntry.ts"
import { machine, outcome, type World } from "../../support.ts"

const configOf = (name: string, ...types: ReadonlyArray<string>): string =>
  JSON.stringify({ cniVersion: "1.0.0", name, plugins: types.map((type) => ({ type })) })

const recordOf = (network: string, containerId: string, config: string, ifName = "eth0") => ({
  [`${network}-${containerId}-${ifName}`]: JSON.stringify({
    kind: "cniCacheV1",
    networkName: network,
    containerId,
    ifName,
    config: btoa(config),
    result: { cniVersion: "1.0.0" }
  })
})

const plugins = { a: {}, b: {}, stuck: { DEL: MemoryCni.fail({ code: 100, msg: "cannot" }) } }

describe("effect-cni del, where the network is not configured", () => {
  const stored = recordOf("old", "c1", configOf("old", "a", "b"))

  it.effect.each<readonly [string, World["networks"], RegExp]>([
    ["there is another network", { "1.conflist": configOf("new", "a") }, /no network "old" in .*there are "new"/],
    ["there is none", {}, /no network is configured/],
    ["its file is broken", { "1.conflist": "{" }, /1\.conflist is not valid/]
  ])("works from what is stored, and says so: %s", ([, networks = {}, reason]) =>
    Effect.gen(function*() {
      const run = yield* machine({ plugins, networks, cache: stored })
      const { invocations, status, stderr, stdout } = yield* run("del", "old", "--container-id", "c1")
      assert.deepStrictEqual([status, stdout, invocations], [0, "", ["b DEL", "a DEL"]])
      assert.match(stderr, /^warning: .*: detached by what is stored\n$/s)
      assert.match(stderr, reason)
      assert.match((yield* run("attachments")).stdout, /^nothing is attached/)
    }).pipe(Effect.scoped))

  it.effect("tells programs so in the result", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* outcome(
        { plugins, cache: stored, networks: { "1.conflist": configOf("new", "a") } },
        "del",
        "old",
        "--container-id",
        "c1",
        "--json"
      )
      assert.strictEqual(stderr, "")
      assert.strictEqual(
        stdout,
        `{"command":"del","ok":true,"result":{"by":"stored","containerId":"c1","ifName":"eth0","network":"old","reason":"NetworkNotFound"}}\n`
      )
    }))

  it.effect("fails where nothing is stored, since that is a name of nothing", () =>
    Effect.gen(function*() {
      const world = { plugins, cache: stored, networks: { "1.conflist": configOf("new", "a") } }
      for (const call of [["del", "odl", "--container-id", "c1"], ["del", "old", "/run/netns/x"]]) {
        const { invocations, status, stderr } = yield* outcome(world, ...call)
        assert.deepStrictEqual([status, invocations], [1, []])
        assert.match(stderr, /^error: no network "/)
      }
    }))
})

describe("effect-cni del of all networks", () => {
  const cache = {
    ...recordOf("one", "c1", configOf("one", "a")),
    ...recordOf("two", "c1", configOf("two", "stuck", "b")),
    ...recordOf("two", "c1", configOf("two", "a"), "eth1"),
    ...recordOf("one", "c2", configOf("one", "a"))
  }
  const journal = {
    "half-c1-eth0": JournalEntry.encode({
      ...leftBehind({ network: "half", containerId: "c1", ifName: "eth0" }),
      plugins: [{ type: "b" }]
    })
  }

  it.effect.each([[["--container-id", "c1"]], [["--all", "--container-id", "c1"]]] as const)(
    "goes on past failures, and says what was done: %j",
    ([flags]) =>
      Effect.gen(function*() {
        const run = yield* machine({ plugins, cache, journal })
        const { status, stdout } = yield* run("del", ...flags)
        assert.strictEqual(status, 1)
        assert.match(
          stdout,
          /^detached c1:eth0 from one\ndetached c1:eth1 from two\ndetached c1:eth0 from half\nfailed {3}.*plugin "stuck" \(DEL .*cannot/
        )
        assert.match(stdout, /effect-cni abandon two c1:eth0 --yes\n$/)
        const left = (yield* run("attachments")).stdout.split("\n")
        assert.deepStrictEqual(
          left.filter((line) => /^(?:one|two|half) /.test(line)).map((line) => line.split(/ +/, 3)),
          [
            ["one", "c2", "eth0"],
            ["two", "c1", "eth0"]
          ]
        )
      }).pipe(Effect.scoped)
  )

  it.effect("has each in its result", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome(
        { plugins, cache, journal },
        "del",
        "--all",
        "--container-id",
        "c1",
        "--json"
      )
      const envelope: unknown = JSON.parse(stdout)
      assert.strictEqual(status, 1)
      assert.nestedPropertyVal(envelope, "result.detached.length", 3)
      assert.nestedPropertyVal(envelope, "result.failing[0]._tag", "DetachIncomplete")
    }))

  it.effect("takes one interface where one is named, and the container of a namespace's path", () =>
    Effect.gen(function*() {
      const one = yield* outcome({ plugins, cache, journal }, "del", "--all", "--container-id", "c1", "-i", "eth1")
      assert.deepStrictEqual([one.status, one.stdout], [0, "detached c1:eth1 from two\n"])
      const run = yield* machine({ plugins, networks: { "1.conflist": configOf("one", "a") } })
      yield* run("add", "one", "/run/netns/blue")
      const { status, stdout } = yield* run("del", "--all", "--netns", "/run/netns/blue")
      assert.deepStrictEqual([status, stdout], [0, "detached cnitool-df26705e2e4ffd095eb1:eth0 from one\n"])
    }).pipe(Effect.scoped))

  it.effect("says that there is nothing, which is no error", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome({ plugins, cache }, "del", "--all", "--container-id", "c9")
      assert.deepStrictEqual([status, stdout], [0, "nothing is stored of c9 in /var/lib/cni\n"])
    }))

  it.effect("fails where a file that may be the container's cannot be read", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome(
        { plugins, cache: { "one-c1-eth0": "{" } },
        "del",
        "--all",
        "--container-id",
        "c1"
      )
      assert.strictEqual(status, 1)
      assert.match(stdout, /^failed {3}what is stored in memory:one-c1-eth0 cannot be used: it is no JSON/)
    }))

  it.effect.each(
    [
      [["del"], /needs a network, or a container/],
      [["del", "--all"], /needs a network, or a container/],
      [["del", "one", "--all", "--container-id", "c1"], /there can be no NETWORK beside it/],
      [["del", "--container-id", "a/b"], /invalid characters in containerID/]
    ] as const
  )("wants to know of which: %j", ([call, words]) =>
    Effect.gen(function*() {
      const { invocations, status, stderr } = yield* outcome({ plugins, cache }, ...call)
      assert.deepStrictEqual([status, invocations], [1, []])
      assert.match(stderr, words)
    }))
})
