import { assert, describe, it } from "@effect/vitest"
import { Json, PluginConfig } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { times } from "../../support/extent.ts"

const known = new Set(["type", "name", "cniVersion", "capabilities", "ipam", "dns", "prevResult", "put", "digits"])

const normal = (value: unknown): Json.JsonObject => {
  assert(Json.isJson(value))
  const json = Result.getOrThrow(Json.parse(Json.stringify(value)))
  assert(Json.isJsonObject(json))
  return json
}

describe("PluginConfig.inject", () => {
  it.effect.prop(
    "changes nothing but the members that are put in, to the last digit",
    [Schema.Record(Schema.String, Schema.Json), Schema.BigInt, Schema.Json],
    ([members, digits, value]) =>
      Effect.gen(function*() {
        const plain = Object.fromEntries(Object.entries(members).filter(([key]) => !known.has(key)))
        const before = normal({ ...plain, type: "a", digits: 2n ** 64n + digits % 2n ** 128n })
        const put = normal({ put: value ?? false })
        const plugin = yield* PluginConfig.fromText(Json.stringify(before))
        const injected = yield* PluginConfig.inject(plugin, put)
        assert.strictEqual(Json.stringify(injected.json), Json.stringify({ ...before, ...put }))
        assert.strictEqual(injected.json["digits"], before["digits"])
      }),
    { arbitrary: { runs: times({ part: 100, whole: 1000 }) } }
  )

  it.effect("refuses a null and a member without a name, and gives back what nothing is put into", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"type":"a"}`)
      assert.strictEqual(yield* PluginConfig.inject(plugin, {}), plugin)
      for (const members of [{ test: null }, { "": 1 }]) {
        assert.strictEqual((yield* Effect.flip(PluginConfig.inject(plugin, members)))._tag, "ConfigInvalid")
      }
    }))
})

describe("a member of the wrong type", () => {
  it.effect.each([
    [`"capabilities":[]`, "capabilities", "must be an object"],
    [`"capabilities":{"ips":"yes"}`, "capabilities.ips", "must be true or false"],
    [`"ipam":{"type":1}`, "ipam.type", "must be a string"],
    [`"dns":{"search":"a"}`, "dns.search", "must be an array"]
  ])("is told in words: %s", ([member, at, reason]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(PluginConfig.fromText(`{"type":"a",${member}}`))
      assert.deepStrictEqual([error.at, error.reason], [at, reason])
    }))
})
