import { assert, describe, it } from "@effect/vitest"
import { AttachmentKey, CacheEntry } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { times } from "../../support/extent.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const decode = (text: string) => Result.getOrThrow(CacheEntry.decode(bytes(text)))

const record: CacheEntry.CacheRecord = {
  _tag: "CacheRecord",
  network: "net",
  containerId: "c1",
  ifName: "eth0",
  config: bytes("{}"),
  netns: "",
  cniArgs: [],
  capabilityArgs: {},
  result: {},
  unknown: {}
}

describe("CacheEntry", () => {
  it("writes what libcni writes, leaving out what is empty", () => {
    assert.strictEqual(
      CacheEntry.encode(record),
      `{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net"}`
    )
    const full = CacheEntry.encode({
      ...record,
      netns: "/ns",
      cniArgs: [["A", "1"]],
      capabilityArgs: { b: 1, a: 12345678901234567890n },
      result: { cniVersion: "1.0.0" },
      unknown: { vendor: true }
    })
    assert.strictEqual(
      full,
      `{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net","netns":"/ns",` +
        `"cniArgs":[["A","1"]],"capabilityArgs":{"a":12345678901234567890,"b":1},"result":{"cniVersion":"1.0.0"},"vendor":true}`
    )
  })

  it("keeps members that it does not know, and integers to the last digit", () => {
    const text = `{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net",` +
      `"result":{"cniVersion":"1.0.0","n":9007199254740993},"constructor":1,"vendor":{"x":9007199254740993}}`
    const entry = decode(text)
    assert(entry._tag === "CacheRecord")
    assert.deepStrictEqual(entry.unknown, { constructor: 1, vendor: { x: 9007199254740993n } })
    assert.strictEqual(CacheEntry.encode(entry), text)
  })

  it("pads and cuts argument pairs, as libcni does", () => {
    const entry = decode(`{"kind":"cniCacheV1","cniArgs":[["A"],["B","C","D"],[]]}`)
    assert(entry._tag === "CacheRecord")
    assert.deepStrictEqual(entry.cniArgs, [["A", ""], ["B", "C"], ["", ""]])
  })

  it("tells legacy files from damaged records", () => {
    const legacy = decode(`{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1/24"}}`)
    assert(legacy._tag === "ForeignEntry")
    assert.deepStrictEqual([legacy.kind, legacy.issue], ["", undefined])
    for (const member of [`"containerId":5`, `"config":"{}"`, `"cniArgs":[["A",1]]`, `"result":[]`]) {
      const damaged = decode(`{"kind":"cniCacheV1",${member}}`)
      assert(damaged._tag === "ForeignEntry")
      assert.strictEqual(damaged.kind, "cniCacheV1")
      assert.isString(damaged.issue)
    }
  })

  it.each(["", "corrupt", "[]", "5", `{"kind":`, "\0", `{"a":${"[".repeat(503)}${"]".repeat(503)}}`])(
    "does not decode %j",
    (text) => {
      assert.isTrue(Result.isFailure(CacheEntry.decode(bytes(text))))
    }
  )

  const name = Schema.NonEmptyString
  it.prop(
    "gives back every record that it wrote",
    [name, name, Schema.Uint8Array, Schema.Array(Schema.Tuple([Schema.String, Schema.String]))],
    ([network, containerId, config, cniArgs]) => {
      const written: CacheEntry.CacheRecord = {
        ...record,
        network: network.toWellFormed(),
        containerId: containerId.toWellFormed(),
        config: new Uint8Array(config),
        cniArgs: cniArgs.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()])
      }
      const text = CacheEntry.encode(written)
      assert.deepStrictEqual(decode(text), written)
      assert.strictEqual(CacheEntry.encode(written), text)
      // As in Go, null is the same as leaving a member out.
      assert.deepStrictEqual(decode(`${text.slice(0, -1)},"netns":null}`), written)
    },
    { arbitrary: { runs: times({ part: 100, whole: 1000 }) } }
  )

  it("names files as libcni does, so that two attachments can share a name", () => {
    const left = { network: "a-b", containerId: "c", ifName: "eth0" }
    const right = { network: "a", containerId: "b-c", ifName: "eth0" }
    assert.strictEqual(AttachmentKey.fileName(left), AttachmentKey.fileName(right))
    assert.isFalse(AttachmentKey.equals(left, right))
  })
})
