import { assert, describe, it } from "@effect/vitest"
import { CniResult, Json, PluginConfig, PluginRequest } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const request = (plugin: string, context: Partial<PluginRequest.RequestContext>) =>
  PluginRequest.stdin(Effect.runSync(PluginConfig.fromText(plugin)), {
    name: "net",
    cniVersion: "1.0.0",
    capabilityArgs: {},
    prevResult: undefined,
    ...context
  })

const json = (text: string) => Result.getOrThrow(Json.parse(text))

describe("PluginRequest", () => {
  it("puts name and version over the plugin's own and passes on all else to the last digit", () => {
    assert.deepStrictEqual(
      json(request(`{"type":"a","name":"own","cniVersion":"0.1.0","n":12345678901234567890,"x":{"y":[null]}}`, {})),
      { type: "a", name: "net", cniVersion: "1.0.0", n: 12345678901234567890n, x: { y: [null] } }
    )
  })

  it.prop("is written as all JSON is, the first time and the next", [
    Schema.JsonObject,
    Schema.JsonObject
  ], ([members, result]) => {
    const config = { ...members, type: "a", capabilities: { mac: true } }
    const prevResult = Result.getOrThrow(CniResult.fromJson({ vendor: Json.isJson(result) ? result : {} }, "1.0.0"))
    const text = Json.stringify(config)
    const plugin = Effect.runSync(PluginConfig.fromText(text))
    for (const [name, cniVersion] of [["a", "1.0.0"], ["a", "1.1.0"], ["b", "1.1.0"], ["b", "1.1.0"]] as const) {
      const context = { name, cniVersion, capabilityArgs: { mac: "x" }, prevResult }
      const told = { name, cniVersion, prevResult: prevResult.json, runtimeConfig: { mac: "x" } }
      assert.strictEqual(PluginRequest.stdin(plugin, context), Json.stringify({ ...plugin.json, ...told }))
    }
  })

  it("is what a configuration says at that time which a caller has made", () => {
    const json = { type: "a", mtu: 1500 }
    const plugin = { type: "a", name: "", cniVersion: "", capabilities: {}, json }
    const context = { name: "net", cniVersion: "1.0.0", capabilityArgs: {}, prevResult: undefined }
    assert.include(PluginRequest.stdin(plugin, context), `"mtu":1500`)
    json.mtu = 9000
    assert.include(PluginRequest.stdin(plugin, context), `"mtu":9000`)
  })

  it("gives a plugin those capability arguments that it declares and the caller has", () => {
    const plugin = `{"type":"a","capabilities":{"mac":true,"ips":false,"portMappings":true,"toString":true}}`
    const stdin = request(plugin, { capabilityArgs: { mac: null, ips: [1], bandwidth: 1 } })
    assert.deepStrictEqual(json(stdin), {
      type: "a",
      name: "net",
      cniVersion: "1.0.0",
      capabilities: { mac: true, ips: false, portMappings: true, toString: true },
      runtimeConfig: { mac: null }
    })
  })

  it("leaves a runtimeConfig of the configuration alone when there is nothing to put in", () => {
    const plugin = `{"type":"a","capabilities":{"mac":true},"runtimeConfig":{"mac":"x"}}`
    assert.include(request(plugin, { capabilityArgs: { ips: [] } }), `"runtimeConfig":{"mac":"x"}`)
    assert.include(request(plugin, { capabilityArgs: { mac: "y" } }), `"runtimeConfig":{"mac":"y"}`)
  })

  it("sets all six variables, even empty ones, with the arguments in their order", () => {
    const conf = { containerId: "c1", ifName: "eth0", args: [["B", "2"], ["A", ""], ["A", "1"]] as const }
    assert.deepStrictEqual(PluginRequest.environment("DEL", conf, "/a:/b"), {
      CNI_COMMAND: "DEL",
      CNI_CONTAINERID: "c1",
      CNI_NETNS: "",
      CNI_ARGS: "B=2;A=;A=1",
      CNI_IFNAME: "eth0",
      CNI_PATH: "/a:/b"
    })
  })
})
