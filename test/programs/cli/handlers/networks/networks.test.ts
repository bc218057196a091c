/** The commands that look at configurations and plugins, in memory. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { NetworksView, PluginsView, ValidateView } from "../../../../../src/programs/cli/handlers/views.ts"
import { outcome, type World } from "../../support.ts"

const mynet = `{
  "cniVersion": "1.0.0",
  "name": "mynet",
  "plugins": [
    { "type": "bridge", "ipam": { "type": "hostlocal" } }
  ]
}`

const speaking = { VERSION: { cniVersion: "1.1.0", supportedVersions: ["0.1.0", "0.4.0", "1.0.0", "1.1.0"] } }

const world: World = {
  plugins: { bridge: speaking, "host-local": speaking, "my-plugin": speaking },
  networks: {
    "10-mynet.conflist": mynet,
    "20-fine.conf": `{"cniVersion":"1.0.0","name":"fine","type":"bridge","capabilities":{"mac":true}}`,
    "30-again.conf": `{"cniVersion":"1.0.0","name":"fine","type":"bridge"}`,
    "40-broken.conflist": `{\n  "name": "broken",\n  "plugins": [{ "tpye": "bridge" }]\n}`,
    "50-many.conflist":
      `{"cniVersion":"0.4.0","cniVersions":["1.1.0","2.0.0"],"name":"many","disableGC":true,"plugins":[{"type":"bridge"}]}`,
    "many/10.conf": `{"type":"my-plugin"}`
  }
}

const resultOf = <A, I>(view: Schema.Codec<A, I>, stdout: string) =>
  Effect.map(
    Schema.decodeEffect(Schema.fromJsonString(Schema.Struct({ ok: Schema.Literal(true), result: view })))(stdout),
    ({ result }) => result
  )

describe("effect-cni networks", () => {
  it.effect("shows each with its plugins, and what is wrong below", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* outcome(world, "networks", "--plugin-dir", "/memory/bin")
      assert.deepStrictEqual([status, stderr], [0, ""])
      assert.strictEqual(
        stdout.slice(0, stdout.indexOf("\n\n")),
        `mynet  /memory/net.d/10-mynet.conflist
├─ cniVersion 1.0.0, as its file says
├─ bridge: /memory/bin/bridge, speaks 0.1.0 … 1.1.0
└─ hostlocal (addresses): not found
many  /memory/net.d/50-many.conflist
├─ cniVersion 1.1.0, the highest of 1.1.0, 2.0.0, 0.4.0 that is not newer than 1.1.0
├─ bridge: /memory/bin/bridge, speaks 0.1.0 … 1.1.0
├─ my-plugin: /memory/bin/my-plugin, speaks 0.1.0 … 1.1.0
├─ of its plugins, 1 from drop-ins beside the file
└─ disableGC: gc does nothing
fine  /memory/net.d/20-fine.conf
├─ cniVersion 1.0.0, as its file says
├─ bridge: /memory/bin/bridge, speaks 0.1.0 … 1.1.0
└─ capabilities: mac`
      )
      assert.match(stdout, /10-mynet\.conflist:5:43: error: no plugin "hostlocal"[^]*did you mean "host-local"\?/)
      assert.match(stdout, /40-broken\.conflist:3:15: error: plugins\[0\]\.type: missing 'type'/)
      assert.match(
        stdout,
        /30-again\.conf: warning: \/memory\/net\.d\/20-fine\.conf has a network of the name "fine" too/
      )
    }))

  it.effect("are one object of the documented schema with --json", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(world, "networks", "--json")
      const view = yield* resultOf(NetworksView, stdout)
      assert.deepStrictEqual(view.networks.map(({ name, problems }) => [name, problems.length]), [
        ["mynet", 1],
        ["many", 0],
        ["fine", 0]
      ])
      assert.deepStrictEqual(view.broken.map(({ column, line }) => [line, column]), [[3, 15]])
      assert.deepStrictEqual(view.unused.map(({ file }) => file), ["/memory/net.d/30-again.conf"])
    }))

  it.effect("says where to put one when there is none", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome({}, "networks")
      assert.strictEqual(status, 0)
      assert.match(stdout, /no usable network in \/etc\/cni\/net\.d: put a \.conflist file there/)
    }))
})

describe("effect-cni validate", () => {
  it.effect("shows lines with carets, and ends with 1 where there is an error", () =>
    Effect.gen(function*() {
      const { status, stdout } = yield* outcome(world, "validate")
      assert.strictEqual(status, 1)
      assert.match(
        stdout,
        /40-broken\.conflist:3:15: error: plugins\[0\]\.type: missing 'type': there is "tpye": write it "type"\n {2}3 \| {3}"plugins": \[\{ "tpye": "bridge" \}\]\n {4}\| {15}\^\n/
      )
      assert.match(stdout, /20-fine\.conf: ok: network fine, cniVersion 1\.0\.0, bridge\n/)
    }))

  it.effect("reads the files that it is given, as the loader would, and ends with 0 where only warnings are left", () =>
    Effect.gen(function*() {
      const good = "/memory/net.d/50-many.conflist"
      const { status, stdout } = yield* outcome(world, "validate", good)
      assert.deepStrictEqual([status, stdout], [
        0,
        `${good}: ok: network many, cniVersion 1.1.0, bridge, my-plugin\n`
      ])
      const missing = yield* outcome(world, "validate", good, "/gone.conf", "--json")
      const view = yield* resultOf(ValidateView, missing.stdout)
      assert.deepStrictEqual([missing.status, view.valid], [1, false])
      assert.deepStrictEqual(view.problems.map(({ file, message }) => [file, message]), [
        ["/gone.conf", "there is no such file"]
      ])
    }))

  it.effect("asks no plugins with --files-only", () =>
    Effect.gen(function*() {
      const { invocations, status } = yield* outcome(
        world,
        "validate",
        "/memory/net.d/10-mynet.conflist",
        "--files-only"
      )
      assert.deepStrictEqual([status, invocations], [0, []])
    }))

  it.effect.each<readonly [text: string, words: string]>([
    [
      `{"cniVersion":"1.0.0","name":"x","plugins":[{"tpye":"bridge"}]}`,
      `missing 'type': there is "tpye": write it "type"`
    ],
    [`{"name":"x","plugins":[{"ty\u200bpe":"bridge"}]}`, `missing 'type': there is "ty\\u{200b}pe": write it "type"`],
    [`{"Name":"x","plugins":[{"type":"bridge"}]}`, `no name: there is "Name": write it "name"`],
    [`{"name":"x","Plugins":[{"type":"bridge"}]}`, `no plugin configs found: there is "Plugins": write it "plugins"`],
    [`{"name":"x","plugins":[{"mtu":1500}]}`, `missing 'type': write "type": "TYPE" into it`],
    [`{"name":"caf\uFFFD","plugins":[{"type":"bridge"}]}`, "U+FFFD (bytes that are no UTF-8)"],
    [
      `{"name":"x","plugins":[{"type":"bridge","bridge":"br\uFFFD"}]}`,
      "plugins[0].bridge: it has bytes in it that are no UTF-8"
    ]
  ])("says what was meant: %s", ([text, words]) =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome({ ...world, networks: { "x.conflist": text } }, "validate")
      assert.include(stdout, words)
    }))

  it.effect("says why a file is never read, and that a list has a name of its own", () =>
    Effect.gen(function*() {
      const networks = { "a.yaml": `{"name":"x","type":"bridge"}`, "b.conf": mynet }
      const { stdout } = yield* outcome(
        { ...world, networks },
        "validate",
        "/memory/net.d/a.yaml",
        "/memory/net.d/b.conf"
      )
      assert.match(stdout, /a\.yaml: warning: runtimes read no file of that name/)
      assert.match(
        stdout,
        /b\.conf:1:1: error: type: missing 'type': a network with a list of plugins has a file whose name ends in \.conflist\n/
      )
    }))
})

describe("effect-cni plugins", () => {
  it.effect("asks those that certainly are plugins, and those that are named", () =>
    Effect.gen(function*() {
      const unnamed = yield* outcome({ ...world, networks: {} }, "plugins", "--plugin-dir", "/memory/bin")
      assert.match(unnamed.stdout, /bridge +0\.1\.0 … 1\.1\.0 +\/memory\/bin\/bridge\n/)
      assert.match(unnamed.stdout, /my-plugin +not asked/)
      assert.deepStrictEqual(unnamed.invocations.toSorted(), ["bridge VERSION", "host-local VERSION"])
      const named = yield* outcome({ ...world, networks: {} }, "plugins", "my-plugin", "--json")
      const view = yield* resultOf(PluginsView, named.stdout)
      assert.deepStrictEqual(view.plugins.map(({ type, versions }) => [type, versions?.at(-1)]), [[
        "my-plugin",
        "1.1.0"
      ]])
      assert.deepStrictEqual(named.invocations, ["my-plugin VERSION"])
    }))

  it.effect("fails for a name that is not installed", () =>
    Effect.gen(function*() {
      const { status, stderr } = yield* outcome(world, "plugins", "brigde")
      assert.strictEqual(status, 1)
      assert.match(stderr, /did you mean "bridge"\?/)
    }))
})

describe("the views", () => {
  it.effect.each(["networks", "validate", "plugins", "attachments", "inspect", "diagram"])(
    "have help with examples: %s",
    (command) =>
      Effect.gen(function*() {
        const { status, stdout } = yield* outcome({}, command, "--help")
        assert.strictEqual(status, 0)
        assert.match(stdout, new RegExp(`EXAMPLES[^]*effect-cni ${command}`))
      })
  )
})
