/** What is said of mistakes is said once, with what to do. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { lastLine, machine, outcome, type World } from "../support.ts"

const networkOf = (plugin: string, more = "") =>
  `{"cniVersion":"1.1.0","name":"mynet"${more},"plugins":[{"type":"${plugin}"}]}`

const world = (more: World = {}): World => ({
  plugins: { bridge: {} },
  networks: { "10-mynet.conflist": networkOf("bridge") },
  ...more
})
const add = ["add", "mynet", "/run/netns/blue"]
const times = (text: string, part: string): number => text.split(part).length - 1

const answering = (reply: Partial<MemoryCni.Reply>) =>
  world({ plugins: { bridge: { ADD: new MemoryCni.Reply(reply) } } })
const failed = { _tag: "Exited", status: 1 } as const

describe("what a plugin said", () => {
  it.effect.each<readonly [string, Partial<MemoryCni.Reply>, ReadonlyArray<string>]>([
    ["a log instead of a result", { stdout: "time=12:00 hello\n{}\n" }, ["time=12:00 hello"]],
    ["nothing, and a word on stderr", { stderr: "no library\n" }, ["it printed nothing", "no library"]],
    ["a result that is none", { stdout: "[]", stderr: "aside\n" }, ["\"[]\"", "aside"]],
    ["an error in other letters", { stdout: `{"Code":11,"Msg":"the moon"}`, exit: failed }, ["the moon", "11"]],
    ["an error that is no JSON", { stdout: "panic: boom", stderr: "goroutine", exit: failed }, ["boom", "goroutine"]],
    ["an error on stderr", { stderr: "segv", exit: failed }, ["segv"]],
    ["an error, and more on stderr", { stdout: `{"code":7,"msg":"bad"}`, stderr: "why", exit: failed }, ["bad", "why"]]
  ])("is shown once: %s", ([, reply, parts]) =>
    Effect.gen(function*() {
      for (const isTerminal of [false, true]) {
        const surface = { isTerminal, hasColours: false, columns: undefined }
        const { status, stderr } = yield* outcome({ ...answering(reply), surface }, ...add)
        assert.strictEqual(status, 1)
        for (const part of parts) assert.strictEqual(times(stderr, part), 1, stderr)
      }
    }))

  it.effect("is cut where it is long", () =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(answering({ stdout: "x".repeat(10_000), stderr: "y".repeat(10_000) }), ...add)
      assert.isBelow(stderr.length, 2000)
    }))

  it.effect("is told of a template that was not filled in", () =>
    Effect.gen(function*() {
      const refusal = MemoryCni.fail({ code: 7, msg: "invalid CIDR address: __SUBNET__" })
      const { stderr } = yield* outcome(world({ plugins: { bridge: { ADD: refusal } } }), ...add)
      assert.match(stderr, /__SUBNET__ is a template that was not filled in/)
    }))

  it.effect("to VERSION is not told of a network", () =>
    Effect.gen(function*() {
      const plugins = { bridge: { VERSION: new MemoryCni.Reply({ stdout: "oops" }) } }
      const { stdout } = yield* outcome(world({ plugins }), "validate")
      assert.match(stdout, /plugin "bridge" \(VERSION\) gave no usable result: .*"oops"/)
    }))
})

describe("an error", () => {
  it.effect.each(
    [
      [["check", "mynet", "/run/netns/blue"], {}],
      [["gc", "mynet"], {}],
      [["inspect", "x"], {}],
      [["status", "nix"], { networks: { "1.conflist": `{\n  "name": "x",\n}` } }],
      [["add", "mynet", "/x", "--jsn"], {}],
      [["add", "mynet", "/x"], { networks: { "1.conflist": networkOf("bridge").replace("1.1.0", "v1") } }]
    ] as const
  )("is written once: %j", ([call, more]) =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(world(more), ...call)
      const lines = stderr.split("\n").map((line) => line.replace(/^(?:error: )?.*: /, "").trim()).filter((line) =>
        line !== ""
      )
      assert.deepStrictEqual(lines, [...new Set(lines)])
    }))

  it.effect("names ten of a thousand networks, and their number", () =>
    Effect.gen(function*() {
      const networks = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [
        `${at}.conflist`,
        networkOf("bridge").replace("mynet", `net${at}`)
      ]))
      const { stderr } = yield* outcome(world({ networks }), "status", "other")
      assert.isBelow(stderr.length, 500)
      assert.match(stderr, /and 990 more\n/)
    }))

  it.effect("of a container ID that is too long is one of the arguments, with the beginning of it", () =>
    Effect.gen(function*() {
      for (const command of ["add", "check", "del"]) {
        const run = yield* machine(world())
        const { invocations, status, stderr } = yield* run(command, "mynet", "/x", "--container-id", "x".repeat(300))
        assert.deepStrictEqual([status, invocations], [1, []])
        assert.match(stderr, /^error: containerId "x{99}…" cannot be used/)
        assert.notMatch(stderr, /x{100}/)
        const { stdout } = yield* run(command, "mynet", "/x", "--container-id", "x".repeat(300), "--json")
        assert.nestedPropertyVal(JSON.parse(stdout), "error._tag", "InvalidRuntimeConf")
      }
    }).pipe(Effect.scoped))

  it.effect("of status says which version a plugin lacks, and not what an old one makes of STATUS", () =>
    Effect.gen(function*() {
      const bridge = {
        STATUS: MemoryCni.fail({ code: 3, msg: "missing containerID" }),
        VERSION: { cniVersion: "1.0.0", supportedVersions: ["0.4.0", "1.0.0"] }
      }
      const { status, stderr } = yield* outcome(world({ plugins: { bridge } }), "status", "mynet")
      assert.strictEqual(status, 1)
      assert.match(stderr, /plugin "bridge" does not support cniVersion "1\.1\.0", only 0\.4\.0, 1\.0\.0/)
      assert.notInclude(stderr, "containerID")
    }))

  it.effect("of status is the plugin's own where it has STATUS", () =>
    Effect.gen(function*() {
      const bridge = {
        STATUS: MemoryCni.fail({ code: 50, msg: "not ready" }),
        VERSION: { cniVersion: "1.1.0", supportedVersions: ["1.0.0", "1.1.0"] }
      }
      const { stderr } = yield* outcome(world({ plugins: { bridge } }), "status", "mynet")
      assert.strictEqual(lastLine(stderr), "not ready")
    }))

  it.effect("of a good record that cannot be converted does not call it damaged", () =>
    Effect.gen(function*() {
      const record = {
        kind: "cniCacheV1",
        networkName: "mynet",
        containerId: "c1",
        ifName: "eth0",
        config: btoa(networkOf("bridge")),
        result: { cniVersion: "1.0.0", ips: [{ address: "10.1.0.5/24" }] }
      }
      const networks = { "1.conflist": networkOf("bridge").replace("1.1.0", "1.9.0") }
      const cache = { "mynet-c1-eth0": JSON.stringify(record) }
      const { stderr } = yield* outcome(world({ networks, cache }), "check", "mynet", "--container-id", "c1")
      assert.notInclude(stderr, "damaged")
      assert.match(stderr, /what is stored in memory:mynet-c1-eth0 cannot be used/)
    }))
})

describe("a command that does nothing", () => {
  it.effect.each(
    [
      [
        ["gc", "mynet", "--all"],
        `,"disableGC":true`,
        /^gc does nothing on network "mynet": its configuration has disableGC/
      ],
      [["gc", "mynet"], `,"disableGC":true`, /^gc does nothing on network "mynet"/],
      [["check", "mynet", "/x"], `,"disableCheck":true`, /^check does nothing on network "mynet": .*disableCheck/]
    ] as const
  )("says why: %j %s", ([call, more, words]) =>
    Effect.gen(function*() {
      const networks = { "1.conflist": networkOf("bridge", more) }
      const { invocations, status, stderr, stdout } = yield* outcome(world({ networks }), ...call)
      assert.deepStrictEqual([status, stdout, invocations], [0, "", []])
      assert.match(stderr, words)
      const json = yield* outcome(world({ networks }), ...call, "--json")
      assert.strictEqual(json.stderr, "")
      assert.nestedPropertyVal(JSON.parse(json.stdout), "result.done", false)
    }))

  it.effect("says that no plugin was asked for a status", () =>
    Effect.gen(function*() {
      const networks = { "1.conflist": networkOf("bridge").replace("1.1.0", "1.0.0") }
      const { status, stderr } = yield* outcome(world({ networks }), "status", "mynet")
      assert.strictEqual(status, 0)
      assert.match(stderr, /^cniVersion 1\.0\.0 of network "mynet" has no STATUS: no plugin was asked\n$/)
    }))
})

describe("effect-cni validate", () => {
  const validated = (name: string, text: string) =>
    outcome(world({ networks: { [name]: text } }), "validate", "--files-only")

  it.effect.each<readonly [string, string, RegExp]>([
    [
      "a.conflist",
      `{"cniVersion":"v1.0.0","name":"n","plugins":[{"type":"a"}]}`,
      /:1:15: error: "v1\.0\.0" is no CNI version/
    ],
    ["a.conf", `{"name":"n","type":"a","cniVersion":"1.0.x"}`, /:1:37: error: "1\.0\.x" is no CNI version/],
    ["a.conflist", `{"cniVersion":"1.0.0","name":"n","type":"a"}`, /single plugin's: name its file \.conf/],
    ["a.conflist", `{"cniVersion":"1.0.0","type":"a"}`, /no name: it is a single plugin's: name its file \.conf/],
    ["a.conf", `{"cniVersion":"1.0.0","type":"a"}`, /error: name: missing network name: write "name": "NAME" into it/],
    ["a.conflist", `{"name":"{{ .Name }}","plugins":[{"type":"a"}]}`, /:1:9: error: .*\{\{ \.Name \}\} is a template/],
    ["a.conflist", `{"name":"a\u00a0b","plugins":[{"type":"a"}]}`, /U\+00A0 \(no-break space\) is none of letters/],
    ["a.conflist", `{"name":"n","plugins":[{"type":"a","master":"$2"}]}`, /:1:45: warning: .*\$2 is a template/],
    [
      "a.conflist",
      `{"name":"n","plugins":[{"type":"a","ipam":{"subnet":"__SUBNET__"}}]}`,
      /:1:53: warning: .*__SUBNET__/
    ],
    ["a.conf", `{"name":"n","type":"a","master":"%s"}`, /:1:33: warning: master: %s is a template/],
    ["a.conflist", `{"name":"n","plugins":[{"type":"a\u200b"}]}`, /:1:32: warning: .*U\+200B \(zero-width space\)/],
    ["a.conflist", `{"name":"n","plugins":[{"type":"a","m\u2060tu":1}]}`, /warning: .*U\+2060 \(word joiner\)/]
  ])("says of %s %s what is wrong, and where", ([name, text, words]) =>
    Effect.gen(function*() {
      const { stdout } = yield* validated(name, text)
      assert.match(stdout, words)
      assert.match(stdout, /\n +\| +\^\n/)
    }))

  it.effect("has nothing against texts that only look alike", () =>
    Effect.gen(function*() {
      const { stdout } = yield* validated(
        "a.conflist",
        `{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"a","x":["fe80::1%eth0","veth%d","a$b","__init__","<>","50% of it"]}]}`
      )
      assert.match(stdout, /^.*: ok: network n/)
    }))
})
