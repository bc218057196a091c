import { assert, describe, it } from "@effect/vitest"
import { CniResult, CniVersion, type Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { times } from "../../support/extent.ts"

const Octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const Bits = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 32 }))
const Index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
const Entry = Schema.Tuple([Octet, Bits, Schema.Boolean, Index])

const address = ([octet, bits, is6]: typeof Entry.Type) =>
  is6 ? `fd00::1:${octet.toString(16)}/${bits}` : `10.0.0.${octet}/${bits}`

/** A result of 1.x with everything that it can have. */
const rich = (entries: ReadonlyArray<typeof Entry.Type>, names: ReadonlyArray<string>): Json.JsonObject => ({
  cniVersion: "1.1.0",
  interfaces: names.map((name, at) => ({ name, ...(at % 2 === 0 && { mac: "aa:bb", mtu: 1400, sandbox: "/ns" }) })),
  ips: entries.map((entry) => ({ address: address(entry), interface: entry[3] })),
  routes: entries.map((entry) => ({ dst: address(entry), mtu: 1400, table: 0, scope: 253 })),
  dns: { nameservers: ["1.1.1.1"] }
})

const read = (json: Json.JsonObject) => Result.getOrThrow(CniResult.fromJson(json, "1.1.0"))
const to = (result: CniResult.CniResult, version: string) => Result.getOrThrow(CniResult.convert(result, version))

describe("conversion of results", () => {
  const arbitrary = [Schema.NonEmptyArray(Entry), Schema.Array(Schema.String)] as const

  it.prop(
    "up to 1.x and down again loses nothing of what 1.x shares with 0.3 and 0.4",
    [...arbitrary],
    ([entries, names]) => {
      const newest = read(rich(entries, names))
      for (const version of ["0.3.0", "0.3.1", "0.4.0"]) {
        const older = to(newest, version)
        assert.deepStrictEqual(to(to(older, "1.1.0"), version), older)
        assert.deepStrictEqual(to(older, "1.1.0").ips, newest.ips)
        assert.deepStrictEqual(to(older, "1.1.0").routes, newest.routes)
        assert.deepStrictEqual(
          to(older, "1.1.0").interfaces,
          newest.interfaces.map(({ mac, name, sandbox }) => ({
            name,
            ...(mac !== undefined && { mac }),
            ...(sandbox !== undefined && { sandbox })
          }))
        )
      }
    },
    { arbitrary: { runs: times({ part: 100, whole: 1000 }) } }
  )

  it.prop("to 0.1 and 0.2 keeps the first address of each family", [...arbitrary], ([entries, names]) => {
    const newest = read(rich(entries, names))
    const first = (is6: boolean) => entries.find((entry) => entry[2] === is6)
    const kept = [first(false), first(true)].filter((entry) => entry !== undefined)
    for (const version of ["0.1.0", "0.2.0"]) {
      const oldest = to(newest, version)
      assert.deepStrictEqual(oldest.ips.map((ip) => ip.address), kept.map(address))
      assert.deepStrictEqual(to(to(oldest, "0.4.0"), version), oldest)
    }
  }, { arbitrary: { runs: times({ part: 100, whole: 1000 }) } })

  it("has a way between any two versions", () => {
    for (const from of CniVersion.supported) {
      for (const target of CniVersion.supported) {
        const start = to(read(rich([[1, 24, false, 0], [2, 30, true, 1]], ["a"])), from)
        assert.strictEqual(to(start, target).json["cniVersion"], target)
      }
    }
  })

  it("has none for a version that does not exist, nor to 0.2 without an address", () => {
    const result = read({ cniVersion: "1.0.0" })
    for (const version of ["0.5.0", "1.0", "constructor"]) {
      const error = Result.getOrThrow(Result.flip(CniResult.convert(result, version)))
      assert.deepStrictEqual([error._tag, error.from, error.to], ["ResultConversionError", "1.0.0", version])
    }
    const error = Result.getOrThrow(Result.flip(CniResult.convert(result, "")))
    assert.include(error.message, "no valid IP addresses")
  })

  it("leaves a result of the version that is wanted as it is, unknown members included", () => {
    const result = read({ cniVersion: "1.0.0", vendor: 1 })
    assert.strictEqual(to(result, "1.0.0"), result)
    assert.strictEqual(to(result, "1.1.0").json["vendor"], 1)
  })
})
