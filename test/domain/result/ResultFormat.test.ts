import { assert, describe, it } from "@effect/vitest"
import * as IpInterface from "effect/net/IpInterface"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Cidr from "../../../src/domain/result/ResultFormat.ts"

const Part = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))
const Zeros = Schema.Literals(["", "", "", "0"])

describe("Cidr", () => {
  it.prop("reads IPv4 addresses as the parser does", [
    Schema.Tuple([Part, Part, Part, Part]),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
    Zeros
  ], ([parts, bits, zeros]) => {
    const text = `${parts.join(`.${zeros}`)}/${bits}`
    const parsed = Result.map(IpInterface.fromString(text), IpInterface.format)
    assert.deepStrictEqual(Result.getOrUndefined(Cidr.canonicalCidr(text)), Result.getOrUndefined(parsed))
    const address = text.replace(/\/.*/, "")
    const alone = Result.map(IpInterface.fromString(`${address}/32`), () => address)
    assert.deepStrictEqual(Result.getOrUndefined(Cidr.canonicalIp(address)), Result.getOrUndefined(alone))
  })

  it.each([
    "10.0.0.1",
    "10.0.0/8",
    "10.0.0.1/",
    "10.0.0.1/33",
    "10.0.0.1/24/8",
    "10.0.0.1/24\n",
    " 10.0.0.1/24",
    "1.2.3.256/8"
  ])(
    "knows that %j is no CIDR address",
    (text) => {
      assert.isTrue(Result.isFailure(Cidr.canonicalCidr(text)))
    }
  )

  it("takes zeros before a prefix length away, and leaves host bits", () => {
    assert.deepStrictEqual(Cidr.canonicalCidr("10.0.0.5/024"), Result.succeed("10.0.0.5/24"))
  })
})
