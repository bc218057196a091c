import { assert, describe, it } from "@effect/vitest"
import { NetworkConfigList, PluginConfig } from "effect-cni"
import * as Effect from "effect/Effect"

const read = (text: string) => NetworkConfigList.fromText(text)

const issueOf = (text: string) => Effect.map(Effect.flip(read(text)), ({ _tag, at, reason }) => ({ _tag, at, reason }))

describe("NetworkConfigList", () => {
  it.effect("reads a list with all that it knows, and keeps all that it does not", () =>
    Effect.gen(function*() {
      const text = `{
        "cniVersion": "0.4.0", "cniVersions": ["1.0.0", "9.0.0"], "name": "net",
        "disableCheck": "TRUE", "disableGC": true, "vendor": 1,
        "plugins": [{ "type": "bridge", "mtu": 9007199254740993, "capabilities": { "ips": true, "mac": null } }]
      }`
      const list = yield* read(text)
      assert.strictEqual(list.name, "net")
      assert.strictEqual(list.cniVersion, "1.0.0")
      assert.isTrue(list.disableCheck)
      assert.isTrue(list.disableGC)
      assert.isFalse(list.loadOnlyInlinedPlugins)
      const [plugin] = list.plugins
      assert(plugin !== undefined)
      assert.strictEqual(plugin.type, "bridge")
      assert.deepStrictEqual(plugin.capabilities, { ips: true, mac: false })
      assert.strictEqual(plugin.json["mtu"], 9007199254740993n)
      assert.deepStrictEqual(list.bytes, new TextEncoder().encode(text))
    }))

  it.effect("may have no plugins, but not an empty list of them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* read(`{"name":"net"}`)).plugins, [])
      assert.strictEqual((yield* issueOf(`{"name":"net","plugins":[]}`)).at, "plugins")
      assert.strictEqual((yield* issueOf(`{"name":"net","loadOnlyInlinedPlugins":true}`)).at, "plugins")
    }))

  it.effect.each([
    ["", ""],
    ["[]", ""],
    ["null", "name"],
    [`{"name":"net"`, ""],
    ["\uFEFF{}", ""],
    [`{}`, "name"],
    [`{"name":5}`, "name"],
    [`{"name":"../etc"}`, "name"],
    [`{"name":""}`, "name"],
    [`{"name":"n","cniVersion":1}`, "cniVersion"],
    [`{"name":"n","cniVersions":"1.0.0"}`, "cniVersions"],
    [`{"name":"n","cniVersions":["1.0.0",5]}`, "cniVersions[1]"],
    [`{"name":"n","cniVersions":["x"]}`, "cniVersions"],
    [`{"name":"n","disableGC":"yes"}`, "disableGC"],
    [`{"name":"n","disableGC":12345678901234567890}`, "disableGC"],
    [`{"name":"n","disableCheck":null}`, "disableCheck"],
    [`{"name":"n","plugins":{}}`, "plugins"],
    [`{"name":"n","plugins":[{"type":"a"},7]}`, "plugins[1]"],
    [`{"name":"n","plugins":[{}]}`, "plugins[0].type"],
    [`{"name":"n","plugins":[{"type":""}]}`, "plugins[0].type"],
    [`{"name":"n","plugins":[{"type":"a","capabilities":{"x":"yes"}}]}`, "plugins[0].capabilities.x"],
    [`{"name":"n","plugins":[{"type":"a","ipam":"host-local"}]}`, "plugins[0].ipam"],
    [`{"name":"n","plugins":[{"type":"a","dns":{"nameservers":[5]}}]}`, "plugins[0].dns.nameservers[0]"]
  ])("refuses %s and says where", ([text, at]) =>
    Effect.gen(function*() {
      const issue = yield* issueOf(text ?? "")
      assert.strictEqual(issue._tag, "ConfigInvalid")
      assert.strictEqual(issue.at, at)
      assert.isNotEmpty(issue.reason)
    }))

  it.effect("is bounded in depth and size", () =>
    Effect.gen(function*() {
      const deep = `{"name":"n","x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`
      assert.match((yield* issueOf(deep)).reason, /deeper/)
      const large = new Uint8Array(17 * 1024 * 1024).fill(0x20)
      assert.match((yield* Effect.flip(NetworkConfigList.fromBytes(large))).reason, /more than the limit/)
    }))

  it.effect("stands for a single plugin with its name, version and text", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"type":"lo","name":"n","cniVersion":"1.0.0"}`)
      const list = NetworkConfigList.ofPlugin(plugin)
      assert.deepStrictEqual([list.name, list.cniVersion, list.plugins.length], ["n", "1.0.0", 1])
      assert.strictEqual(list.bytes, plugin.bytes)
    }))
})

describe("PluginConfig", () => {
  it.effect("takes null for a known member as if it were left out", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(
        `{"type":"a","name":null,"cniVersion":null,"capabilities":null,"ipam":null,"dns":null,"prevResult":null}`
      )
      assert.deepStrictEqual([plugin.name, plugin.cniVersion, plugin.capabilities], ["", "", {}])
    }))

  it.effect.each(["5", "{}", `{"type":7}`, `{"type":"a","prevResult":[]}`])(
    "refuses %s",
    (text) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(PluginConfig.fromText(text)))._tag, "ConfigInvalid")
      })
  )
})
