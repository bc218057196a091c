import { assert, describe, it } from "@effect/vitest"
import { CniResult, Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { settled } from "../../src/domain/SettledJson.ts"

const copyOf = (value: Json.Json): Json.Json => Result.getOrThrow(Json.parse(Json.stringify(value)))

describe("settled JSON", () => {
  it.prop("is written as any other, the first time and the next, by itself and in others", [
    Schema.JsonObject,
    Schema.JsonObject
  ], ([one, other]) => {
    const members = [one, other].map((value) => Json.isJsonObject(value) ? value : {})
    const [first = {}, second = {}] = members.map(copyOf)
    const expected = [first, { first, more: [second, "<&>"] }].map(Json.stringify)
    settled(first, 3)
    settled(second)
    for (let times = 0; times < 2; times++) {
      assert.deepStrictEqual([first, { first, more: [second, "<&>"] }].map(Json.stringify), expected)
    }
  })

  it("is not what others may still change", () => {
    const open = { mtu: 1500, ipam: { type: "host-local" } }
    assert.strictEqual(Json.stringify(open), `{"ipam":{"type":"host-local"},"mtu":1500}`)
    open.mtu = 9000
    open.ipam.type = "dhcp"
    assert.strictEqual(Json.stringify(open), `{"ipam":{"type":"dhcp"},"mtu":9000}`)
  })

  it("is not a result that a caller has made and goes on with", () => {
    const ips: Array<Json.JsonObject> = [{ address: "10.0.0.1/24" }]
    const { json } = Result.getOrThrow(CniResult.fromJson({ cniVersion: "1.0.0", ips }, ""))
    const before = Json.stringify(json)
    ips.push({ address: "10.0.0.2/24" })
    assert.include(Json.stringify(json), "10.0.0.2/24")
    assert.notInclude(before, "10.0.0.2/24")
  })

  it("has its text made once", () => {
    let reads = 0
    const value = settled({
      get type() {
        reads++
        return "bridge"
      }
    })
    assert.deepStrictEqual([value, value].map(Json.stringify), [`{"type":"bridge"}`, `{"type":"bridge"}`])
    assert.strictEqual(reads, 1)
  })
})
