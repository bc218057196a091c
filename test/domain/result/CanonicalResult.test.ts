import { assert, describe, it } from "@effect/vitest"
import { CniResult, Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decode } from "../../../src/domain/json/DecodeIssue.ts"
import { isCanonical } from "../../../src/domain/result/CanonicalResult.ts"
import { formats } from "../../../src/domain/result/ResultFormat.ts"
import { times } from "../../support/extent.ts"

const addresses = [
  "10.1.0.5/24",
  "10.1.0.5/024",
  "fd00::1/64",
  "FD00::1/64",
  "::ffff:10.0.0.1/120",
  "10.1.0.5",
  "x",
  ""
]
const gateways = ["10.1.0.1", "010.1.0.1", "fd00::1", "fd00:0::1", "::ffff:10.0.0.1", ""]
const numbers = [0, -0, 1, -1, 1.5, 1e18, 1e300, 9007199254740993n, 2n ** 63n]
const odd = [null, true, "", "eth0", 1, 0, [], {}, [null], [""], ["a"], ["a", null], { a: 1 }]

const oneOf = (values: ReadonlyArray<Json.Json>) => Schema.Literals(values.map((value) => Json.stringify(value)))
const maybe = (values: ReadonlyArray<Json.Json>) => Schema.optionalKey(oneOf(values))
const texts = maybe([...odd, ["a", "b"]])

/** Members that are JSON in text, so that what is wrong with them can be anything. */
const Members = {
  device: Schema.Struct({
    name: maybe(["eth0", "eth0", "", null]),
    mac: maybe(["5e:29:0c:f1:7b:11", ...odd]),
    mtu: maybe(numbers),
    sandbox: maybe(["/run/netns/a", ...odd]),
    more: maybe(odd)
  }),
  address: Schema.Struct({ address: oneOf(addresses), gateway: maybe(gateways), interface: maybe([...numbers, "0"]) }),
  route: Schema.Struct({ dst: oneOf(addresses), gw: maybe(gateways), mtu: maybe(numbers), table: maybe(numbers) }),
  dns: Schema.Struct({ nameservers: texts, domain: texts, search: texts, more: texts })
}

type Texts = Readonly<Record<string, string | undefined>>

const object = (members: Texts): Json.JsonObject =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, Result.getOrThrow(Json.parse(text))]]
    )
  )

describe("CanonicalResult", () => {
  it("is what most plugins write, and what we record", () => {
    const written = {
      cniVersion: "1.0.0",
      interfaces: [{ name: "cni0", mac: "5e:29:0c:f1:7b:11" }, { name: "eth0", sandbox: "/run/netns/a", mtu: 1500 }],
      ips: [{ interface: 1, address: "10.1.0.5/24", gateway: "10.1.0.1" }, { address: "fd00::5/64" }],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0", gw: "fd00::1", table: 0, vendor: { x: [] } }],
      dns: { nameservers: ["10.1.0.1"], domain: "example.org" },
      vendor: null
    }
    assert.isTrue(isCanonical(written))
    for (const member of ["interfaces", "ips", "routes", "dns"]) {
      assert.isFalse(isCanonical({ ...written, [member]: [] }))
    }
  })

  it.each([undefined, Number.NaN, () => {}, new Date(0), Symbol.iterator])("is JSON alone, and %s is not", (vendor) => {
    const result = (more: object) =>
      CniResult.fromJson(Object.assign({ ips: [{ address: "10.1.0.5/24" }] }, more), "1.1.0")
    assert.isTrue(Result.isSuccess(result({})))
    assert.isTrue(Result.isFailure(result({ vendor })))
  })

  const list = <A, E>(item: Schema.Codec<A, E>) => Schema.optionalKey(Schema.Array(item))
  it.prop(
    "is a result that reading leaves as it is, and every other is read with care",
    [Schema.Struct({
      interfaces: list(Members.device),
      ips: list(Members.address),
      routes: list(Members.route),
      dns: Schema.optionalKey(Members.dns),
      vendor: maybe(odd)
    })],
    ([{ dns, interfaces, ips, routes, vendor }]) => {
      const json: Json.JsonObject = {
        cniVersion: "1.0.0",
        ...(interfaces && { interfaces: interfaces.map(object) }),
        ...(ips && { ips: ips.map(object) }),
        ...(routes && { routes: routes.map(object) }),
        ...(dns && { dns: object(dns) }),
        ...object({ vendor })
      }
      const read = decode(formats().Format100, json)
      if (isCanonical(json)) assert.deepStrictEqual(read, Result.succeed(json))
      assert.deepStrictEqual(Result.map(CniResult.fromJson(json, ""), (result) => result.json), read)
    },
    { arbitrary: { runs: times({ part: 300, whole: 3000 }) } }
  )
})
