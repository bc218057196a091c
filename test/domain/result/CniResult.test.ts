import { assert, describe, it } from "@effect/vitest"
import { CniResult, Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const read = (text: string, version = "1.0.0") =>
  Result.getOrThrow(Result.flatMap(Json.parse(text), (json) => CniResult.fromJson(json, version)))

const issueOf = (text: string, version = "1.0.0") =>
  Result.getOrThrow(Result.flip(CniResult.fromJson(Result.getOrThrow(Json.parse(text)), version)))

describe("CniResult", () => {
  it("gives a 1.x result as it came, canonical, with what it does not know", () => {
    const result = read(`{
      "cniVersion": "1.1.0", "vendor": { "id": 9007199254740993 },
      "interfaces": [{ "name": "eth0", "mac": "", "mtu": 0, "x": true }],
      "ips": [{ "address": "2001:DB8:0:0:0:0:0:1/64", "gateway": "2001:DB8::00FE", "interface": 0 }],
      "routes": [{ "dst": "192.168.7.9/16", "table": 0 }],
      "dns": { "nameservers": [] }
    }`)
    assert.deepStrictEqual(result.json, {
      cniVersion: "1.1.0",
      vendor: { id: 9007199254740993n },
      interfaces: [{ name: "eth0", x: true }],
      ips: [{ address: "2001:db8::1/64", gateway: "2001:db8::fe", interface: 0 }],
      routes: [{ dst: "192.168.7.9/16", table: 0 }]
    })
    assert.strictEqual(result.ips[0]?.address, "2001:db8::1/64")
    assert.deepStrictEqual(result.dns, {})
  })

  it("shows a 0.4 result in the terms of 1.x", () => {
    const result = read(`{
      "cniVersion": "0.4.0", "interfaces": [{ "name": "eth0" }],
      "ips": [{ "version": "4", "address": "10.1.2.3/24", "interface": 0 }], "routes": [{ "dst": "0.0.0.0/0" }]
    }`)
    assert.deepStrictEqual(result.ips, [{ address: "10.1.2.3/24", interface: 0 }])
    assert.deepStrictEqual(result.json["ips"], [{ version: "4", address: "10.1.2.3/24", interface: 0 }])
    assert.deepStrictEqual(result.json["dns"], {})
  })

  it("shows a 0.2 result in the terms of 1.x, routes of both families together", () => {
    const result = read(`{
      "cniVersion": "0.2.0",
      "ip4": { "ip": "10.1.2.3/24", "gateway": "10.1.2.1", "routes": [{ "dst": "0.0.0.0/0", "gw": "10.1.2.1" }] },
      "ip6": { "ip": "fd00::2/64", "routes": [{ "dst": "::/0" }] },
      "dns": { "nameservers": ["10.96.0.10"] }
    }`)
    assert.deepStrictEqual(result.ips, [{ address: "10.1.2.3/24", gateway: "10.1.2.1" }, { address: "fd00::2/64" }])
    assert.deepStrictEqual(result.routes, [{ dst: "0.0.0.0/0", gw: "10.1.2.1" }, { dst: "::/0" }])
    assert.deepStrictEqual(result.dns, { nameservers: ["10.96.0.10"] })
    assert.deepStrictEqual(result.interfaces, [])
  })

  it.each([`{}`, `{"cniVersion":""}`, `{"cniVersion":5}`, `{"cniVersion":null}`, `null`])(
    "gives %s the version of the configuration",
    (text) => {
      assert.strictEqual(read(text, "0.4.0").cniVersion, "0.4.0")
      assert.strictEqual(read(text, "").json["cniVersion"], "0.1.0")
    }
  )

  it("reads mapped IPv4 addresses as IPv4 where the prefix allows it", () => {
    const addressOf = (address: string) => read(`{"ips":[{"address":"${address}"}]}`).ips[0]?.address
    assert.strictEqual(addressOf("::ffff:10.0.0.1/120"), "10.0.0.1/24")
    assert.strictEqual(addressOf("::ffff:10.0.0.1/64"), "::ffff:10.0.0.1/64")
    assert.strictEqual(addressOf("10.1.2.3/16"), "10.1.2.3/16")
  })

  it.each([
    ["7", ""],
    ["[]", ""],
    [`{"cniVersion":"1.2.0"}`, "cniVersion"],
    [`{"cniVersion":"constructor"}`, "cniVersion"],
    [`{"ips":{}}`, "ips"],
    [`{"ips":[null]}`, "ips[0]"],
    [`{"ips":[{}]}`, "ips[0].address"],
    [`{"ips":[{"address":null}]}`, "ips[0].address"],
    [`{"ips":[{"address":"10.0.0.1"}]}`, "ips[0].address"],
    [`{"ips":[{"address":"10.0.0.1/24"},{"address":"10.0.0.2/24","gateway":"x"}]}`, "ips[1].gateway"],
    [`{"ips":[{"address":"10.0.0.1/24","interface":0.5}]}`, "ips[0].interface"],
    [`{"interfaces":[null]}`, "interfaces[0]"],
    [`{"interfaces":[{"name":5}]}`, "interfaces[0].name"],
    [`{"routes":[null]}`, "routes[0]"],
    [`{"routes":[{"dst":"default"}]}`, "routes[0].dst"],
    [`{"dns":[]}`, "dns"],
    [`{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1"}}`, "ip4.ip"],
    [`{"cniVersion":"0.3.1","ips":[null]}`, "ips[0]"]
  ])("refuses %s and says where", (text, at) => {
    const issue = issueOf(text)
    assert.strictEqual(issue.at, at)
    assert.isNotEmpty(issue.reason)
  })

  const ip = `"ips":[{"address":"10.0.0.1/24"}]`
  const places: ReadonlyArray<readonly [at: string, write: (number: string) => string]> = [
    ["interfaces[0].mtu", (number) => `{${ip},"interfaces":[{"name":"eth0","mtu":${number}}]}`],
    ...["mtu", "advmss", "priority", "table", "scope"].map((name) =>
      [
        `routes[1].${name}`,
        (number: string) => `{${ip},"routes":[{"dst":"10.0.0.0/8"},{"dst":"10.0.0.0/8","${name}":${number}}]}`
      ] as const
    ),
    ["routes[0].mtu", (number) => `{"cniVersion":"0.4.0","routes":[{"dst":"10.0.0.0/8","mtu":${number}}]}`],
    [
      "ip4.routes[0].mtu",
      (number) => `{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1/24","routes":[{"dst":"10.0.0.0/8","mtu":${number}}]}}`
    ]
  ]

  it.each(places)("refuses a number at %s that is no integer of 64 bits", (at, write) => {
    for (const number of ["9223372036854775808", "-9223372036854775809", "1e19", "-1e19", "1e308", "1500.5", "-0.5"]) {
      const issue = issueOf(write(number))
      assert.strictEqual(issue.at, at)
      assert.match(issue.reason, /does not fit into 64 bits|is not an integer/)
    }
    assert.strictEqual(issueOf(write(`"1500"`)).at, at)
    const tooLarge = Json.parse(write("1e400"))
    assert.deepStrictEqual(tooLarge, Result.fail(`a number is out of range at ${at}`))
  })

  it.each(places)("takes every integer of 64 bits at %s, however it is written", (at, write) => {
    const taken = [
      ["1500", "1500"],
      ["1500.0", "1500"],
      ["1.5e3", "1500"],
      ["-1", "-1"],
      ["9223372036854775807", "9223372036854775807"],
      ["-9223372036854775808", "-9223372036854775808"],
      ["9007199254740993.0", "9007199254740993"],
      ["1e18", "1000000000000000000"]
    ] as const
    const member = at.slice(at.lastIndexOf(".") + 1)
    for (const [written, number] of taken) {
      const text = Json.stringify(read(write(written)).json)
      assert.include(text, `"${member}":${number}`)
      assert.strictEqual(Json.stringify(read(text).json), text)
    }
    const zero = Json.stringify(read(write("-0")).json)
    const isKept = ["table", "scope"].includes(member)
    assert.strictEqual(zero.includes(`"${member}":0`), isKept)
    assert.strictEqual(zero.includes(`"${member}"`), isKept)
    assert.strictEqual(Json.stringify(read(write("0.0")).json), zero)
  })

  it("takes an index for what it is, and -0 for 0", () => {
    const indexOf = (number: string) => read(`{"ips":[{"address":"10.0.0.1/24","interface":${number}}]}`).json["ips"]
    for (const [written, index] of [["-0", 0], ["1.0", 1], ["-1", -1], ["1e1", 10]] as const) {
      assert.deepStrictEqual(indexOf(written), [{ address: "10.0.0.1/24", interface: index }])
    }
    for (const number of ["0.5", "9223372036854775808", "1e19"]) {
      assert.strictEqual(
        issueOf(`{"ips":[{"address":"10.0.0.1/24","interface":${number}}]}`).at,
        "ips[0].interface"
      )
    }
  })

  it("keeps numbers of any size in members that it does not know", () => {
    assert.include(
      Json.stringify(read(`{${ip},"vendor":{"id":123456789012345678901234567890,"share":0.5}}`).json),
      `"vendor":{"id":123456789012345678901234567890,"share":0.5}`
    )
  })

  it("changes no prototype", () => {
    const result = read(`{"__proto__":{"polluted":1},"ips":[{"address":"10.0.0.1/24","__proto__":{"polluted":1}}]}`)
    assert.isFalse("polluted" in result.json)
    assert.isTrue(Object.hasOwn(result.json, "__proto__"))
  })

  const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  const prefix = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 32 }))
  it.prop(
    "reading what was read changes nothing",
    [Schema.Tuple([octet, octet, octet, octet]), prefix, Schema.String],
    (
      [octets, bits, name]
    ) => {
      const result = CniResult.fromJson({
        interfaces: [{ name }],
        ips: [{ address: `${octets.join(".")}/${bits}`, interface: 0 }]
      }, "1.0.0")
      const once = Result.getOrThrow(result)
      assert.deepStrictEqual(CniResult.fromJson(once.json, "0.1.0"), Result.succeed(once))
    },
    { arbitrary: { runs: 1000 } }
  )

  it.each([undefined, Number.NaN, () => {}, new Date(0), Symbol.iterator])("is JSON alone, and %s is not", (vendor) => {
    const result = (more: object) =>
      CniResult.fromJson(Object.assign({ ips: [{ address: "10.1.0.5/24" }] }, more), "1.1.0")
    assert.isTrue(Result.isSuccess(result({})))
    assert.isTrue(Result.isFailure(result({ vendor })))
  })
})
