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
})
