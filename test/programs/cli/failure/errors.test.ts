/** What the command says of the mistakes that people make. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Envelope } from "../../../../src/programs/cli/failure/envelope.ts"
import { lastLine, outcome, type World } from "../support.ts"

const networkOf = (plugin: string) => `{"cniVersion":"1.1.0","name":"mynet","plugins":[{"type":"${plugin}"}]}`
const world = (plugin: string, more: World = {}): World => ({
  plugins: { bridge: {}, portmap: {} },
  networks: { "10-mynet.conflist": networkOf(plugin) },
  ...more
})
const add = ["add", "mynet", "/run/netns/blue"]

describe("the errors of effect-cni", () => {
  it.effect("name plugins that are written alike", () =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(world("brigde"), ...add)
      assert.match(stderr, /did you mean "bridge"\?/)
      assert.strictEqual(
        lastLine(stderr),
        `plugin type="brigde" failed (add): failed to find plugin "brigde" in path [/memory/bin]`
      )
    }))

  it.effect("say who provides a plugin that is not installed", () =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(world("vlan"), ...add)
      assert.match(stderr, /\/usr\/lib\/cni.*\/usr\/libexec\/cni.*\/opt\/cni\/bin/s)
    }))

  it.effect("name the networks that there are", () =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(world("bridge"), "status", "mynett")
      assert.match(stderr, /there are "mynet"\n.*did you mean "mynet"\?/)
      const { stderr: swapped } = yield* outcome(world("bridge"), "status", "mynte")
      assert.match(swapped, /did you mean "mynet"\?/)
    }))

  it.effect.each(
    [
      ["attachment", "effect-cni attachments"],
      ["ls", "effect-cni attachments"],
      ["list", "effect-cni attachments"],
      ["ps", "effect-cni attachments"],
      ["rm", "effect-cni del --help"],
      ["remove", "effect-cni del --help"],
      ["delete", "effect-cni del --help"],
      ["dell", "effect-cni del --help"],
      ["recove", "effect-cni recover --help"],
      ["validat", "effect-cni validate"],
      ["xyz", undefined],
      ["gx", undefined],
      ["xel", undefined]
    ] as const
  )(
    "name a command that may have been meant by %j, and none that changes something",
    ([word, command]) =>
      Effect.gen(function*() {
        const { stderr } = yield* outcome(world("bridge"), word)
        assert.match(stderr, new RegExp(`^error: Unknown subcommand "${word}" for "effect-cni"\n`))
        const offered = stderr.split("\n").filter((line) => line.startsWith("    ")).map((line) => line.trim())
        assert.deepStrictEqual(offered, [...(command === undefined ? [] : [command]), "effect-cni --help"])
      })
  )

  it.effect("have help as a command of its own", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* outcome({}, "help"), yield* outcome({}, "--help"))
      assert.deepStrictEqual(yield* outcome({}, "help", "del"), yield* outcome({}, "del", "--help"))
    }))

  it.effect("show the place at which a configuration is no JSON", () =>
    Effect.gen(function*() {
      const networks = { "1.conflist": `{\n  "name": "mynet",\n  "plugins": [{ "type": }]\n}` }
      const { stderr } = yield* outcome(world("bridge", { networks }), "status", "mynet")
      assert.match(
        stderr,
        /1\.conflist is not valid at line 3, column 25\n {2}3 \| {3}"plugins": \[\{ "type": \}\]\n {4}\| {25}\^\n\n.*: \} is no value\n$/
      )
    }))

  it.effect("say to a user who is not root what takes root", () =>
    Effect.gen(function*() {
      const plugins = { bridge: { ADD: MemoryCni.fail({ code: 999, msg: "open /run/x: operation not permitted" }) } }
      const asUser = yield* outcome(world("bridge", { plugins, userId: 1000 }), ...add)
      const asRoot = yield* outcome(world("bridge", { plugins }), ...add)
      assert.match(asUser.stderr, /you are user 1000: run it as root/)
      assert.notMatch(asRoot.stderr, /root/)
    }))

  it.effect.each(
    [
      [["add"], "requires at least 2 arg(s), only received 0"],
      [["add", "mynet"], "requires at least 2 arg(s), only received 1"],
      [["ad", "mynet"], /Unknown subcommand "ad"/],
      [["add", "mynet", "/x", "--jsn"], /Unrecognized flag: --jsn/],
      [["status", "mynet", "--timeout", "soon"], /write it like 500ms, 30s, 2m or 1h/],
      [["status", "mynet", "--conf-dir", ""], /the name of a directory, which cannot be empty/],
      [["status", "mynet", "--plugin-dir", ""], /the name of a directory, which cannot be empty/],
      [["status", "mynet", "--cache-dir="], /the name of a directory, which cannot be empty/]
    ] as const
  )("answer %j on stderr, with status 1", ([args, expected]) =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* outcome(world("bridge"), ...args)
      assert.deepStrictEqual([status, stdout], [1, ""])
      if (typeof expected === "string") assert.strictEqual(lastLine(stderr), expected)
      else assert.match(stderr, expected)
    }))

  it.effect.each([
    { args: add, plugin: "brigde", tag: "PluginNotFound" },
    { args: ["status", "other"], plugin: "bridge", tag: "NetworkNotFound" },
    { args: ["add"], plugin: "bridge", tag: "UsageError" },
    { args: ["gc", "mynet"], plugin: "bridge", tag: "NoKeepSet" }
  ])("are one object of the documented schema with --json: $tag", ({ args, plugin, tag }) =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* outcome(world(plugin), ...args, "--json")
      assert.deepStrictEqual([status, stderr], [1, ""])
      const envelope = yield* Schema.decodeEffect(Schema.fromJsonString(Envelope))(stdout)
      assert(!envelope.ok)
      assert.strictEqual(envelope.error._tag, tag)
      assert.notStrictEqual(envelope.error.message, "")
    }))

  it.effect.each(
    [
      [["add", "--json=true"], true],
      [["--json=yes", "add"], true],
      [["--json", "add", "mynet", "/x", "--jsn"], true],
      [["add", "--json=false"], false],
      [["exec", "--nope", "mynet", "--", "sh", "--json"], false]
    ] as const
  )(
    "of calls that cannot be read are JSON only where that was asked for: %j",
    ([args, isJson]) =>
      Effect.gen(function*() {
        const { status, stderr, stdout } = yield* outcome(world("bridge"), ...args)
        assert.strictEqual(status, 1)
        assert.deepStrictEqual([stdout.startsWith(`{"command":`), stderr === ""], [isJson, isJson])
      })
  )

  it.effect("have colours on a terminal that has them, and nowhere else", () =>
    Effect.gen(function*() {
      const surface = { isTerminal: true, hasColours: true, columns: 80 }
      const coloured = yield* outcome(world("bridge", { surface }), "status", "other")
      const plain = yield* outcome(world("bridge", { surface: { ...surface, hasColours: false } }), "status", "other")
      assert.strictEqual(coloured.stderr.replaceAll(/\u001b\[\d+m/g, ""), plain.stderr)
      assert.notStrictEqual(coloured.stderr, plain.stderr)
    }))
})

describe("effect-cni --help", () => {
  it.effect.each(["add", "check", "del", "gc", "status"])("has examples for %s", (command) =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome({}, command, "--help")
      assert.strictEqual(status, 0)
      assert.match(stdout, new RegExp(`EXAMPLES[^]*effect-cni ${command} mynet`))
    }))

  it.effect("and --version are answered on stdout", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* outcome({}, "--version")).stdout, "effect-cni v1.2.3\n")
    }))
})
