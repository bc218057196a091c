/** Results as cnitool prints them; the texts here are its own output. */
import { assert, describe, it } from "@effect/vitest"
import { CniResult, Json } from "effect-cni"
import * as Result from "effect/Result"
import { print, resolvConfOf } from "../../../src/domain/result/ResultText.ts"

const printed = (text: string) => {
  const json = Result.getOrThrow(Json.parse(text))
  return print(Result.getOrThrowWith(CniResult.fromJson(json, "1.0.0"), ({ reason }) => new Error(reason)))
}

describe("the printed result", () => {
  it("has sorted members from 1.0.0 up, and Go's escapes", () => {
    const text = `{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/x<y>&"}],"ips":[{"interface":0,
      "address":"10.0.0.2/24","gateway":"10.0.0.1"}],"dns":{}}`
    assert.strictEqual(
      printed(text),
      `{
    "cniVersion": "1.0.0",
    "interfaces": [
        {
            "name": "eth0",
            "sandbox": "/x\\u003cy\\u003e\\u0026"
        }
    ],
    "ips": [
        {
            "address": "10.0.0.2/24",
            "gateway": "10.0.0.1",
            "interface": 0
        }
    ]
}`
    )
  })

  it("has the members of older versions in the order of Go's structures", () => {
    const text =
      `{"cniVersion":"0.4.0","dns":{"search":["b"],"nameservers":["1.1.1.1"]},"ips":[{"address":"10.0.0.2/24",
      "version":"4","interface":0}],"routes":[{"gw":"10.0.0.1","dst":"0.0.0.0/0"}]}`
    assert.strictEqual(
      printed(text),
      `{
    "cniVersion": "0.4.0",
    "ips": [
        {
            "version": "4",
            "interface": 0,
            "address": "10.0.0.2/24"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0",
            "gw": "10.0.0.1"
        }
    ],
    "dns": {
        "nameservers": [
            "1.1.1.1"
        ],
        "search": [
            "b"
        ]
    }
}`
    )
  })

  it("has an empty dns in older versions, as cnitool has", () => {
    assert.strictEqual(
      printed(`{"cniVersion":"0.4.0"}`),
      `{\n    "cniVersion": "0.4.0",\n    "dns": {}\n}`
    )
  })

  it("keeps integers of any length", () => {
    assert.include(printed(`{"cniVersion":"1.0.0","x":12345678901234567890}`), `"x": 12345678901234567890`)
  })
})

describe("ResolvConf", () => {
  it("has a line for each server, and one for each of the others", () => {
    const dns = {
      nameservers: ["10.1.0.1", "fd00::1"],
      domain: "a.org",
      search: ["a.org", "b.org"],
      options: ["ndots:2"]
    }
    assert.strictEqual(
      resolvConfOf(dns),
      "nameserver 10.1.0.1\nnameserver fd00::1\ndomain a.org\nsearch a.org b.org\noptions ndots:2\n"
    )
  })

  it("is none where no server is named", () => {
    assert.isUndefined(resolvConfOf({ search: ["a.org"] }))
    assert.isUndefined(resolvConfOf({ nameservers: ["", "1.1.1.1\nnameserver 6.6.6.6"] }))
  })

  it("leaves out what would be another line, or a comment", () => {
    const dns = { nameservers: ["10.1.0.1"], domain: "a.org\noptions x", search: ["#", "b.org", "c d"] }
    assert.strictEqual(resolvConfOf(dns), "nameserver 10.1.0.1\nsearch b.org\n")
  })
})
