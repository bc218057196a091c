/** What a result says of DNS, as a file. */
import { assert, describe, it } from "@effect/vitest"
import * as ResolvConf from "../../../src/domain/result/ResolvConf.ts"

describe("ResolvConf", () => {
  it("has a line for each server, and one for each of the others", () => {
    const dns = {
      nameservers: ["10.1.0.1", "fd00::1"],
      domain: "a.org",
      search: ["a.org", "b.org"],
      options: ["ndots:2"]
    }
    assert.strictEqual(
      ResolvConf.fromDns(dns),
      "nameserver 10.1.0.1\nnameserver fd00::1\ndomain a.org\nsearch a.org b.org\noptions ndots:2\n"
    )
  })

  it("is none where no server is named", () => {
    assert.isUndefined(ResolvConf.fromDns({ search: ["a.org"] }))
    assert.isUndefined(ResolvConf.fromDns({ nameservers: ["", "1.1.1.1\nnameserver 6.6.6.6"] }))
  })

  it("leaves out what would be another line, or a comment", () => {
    const dns = { nameservers: ["10.1.0.1"], domain: "a.org\noptions x", search: ["#", "b.org", "c d"] }
    assert.strictEqual(ResolvConf.fromDns(dns), "nameserver 10.1.0.1\nsearch b.org\n")
  })
})
