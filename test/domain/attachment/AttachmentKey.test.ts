import { assert, describe, it } from "@effect/vitest"
import { AttachmentKey } from "effect-cni"
import * as Schema from "effect/Schema"

const key = { network: "net", containerId: "c1", ifName: "eth0" }
const nothing = { network: "", containerId: "", ifName: "" }

describe("AttachmentKey", () => {
  it("agrees with what names the same, or less", () => {
    for (const named of [key, nothing, { ...key, network: "" }, { ...nothing, ifName: "eth0" }]) {
      assert.isTrue(AttachmentKey.agrees(named, key))
    }
  })

  it.each(["network", "containerId", "ifName"])("does not agree with another %s, whatever is missing", (member) => {
    assert.isFalse(AttachmentKey.agrees({ ...key, [member]: "other" }, key))
    assert.isFalse(AttachmentKey.agrees({ ...nothing, [member]: "other" }, key))
  })

  it("is found in its file name, alone where the name has two dashes or what is named says it", () => {
    assert.deepStrictEqual(AttachmentKey.ofFileName("net-c1-eth0", nothing), [key])
    assert.deepStrictEqual(AttachmentKey.ofFileName("net-c1-eth0", { ...nothing, network: "other" }), [])
    assert.deepStrictEqual(AttachmentKey.ofFileName("a-b-c-d", { ...nothing, network: "a-b" }), [
      { network: "a-b", containerId: "c", ifName: "d" }
    ])
    assert.strictEqual(AttachmentKey.ofFileName("a-b-c-d", nothing).length, 3)
    for (const name of ["net", "net-c1", "-c1-eth0", "net--eth0", "net-c1-", ""]) {
      assert.deepStrictEqual(AttachmentKey.ofFileName(name, nothing), [])
    }
  })

  const name = Schema.String.check(Schema.isPattern(/^[a-z-]{1,6}$/))
  it.prop(
    "is among those of its file name, which all have it",
    [name, name, name],
    ([network, containerId, ifName]) => {
      const all = AttachmentKey.ofFileName(AttachmentKey.fileName({ network, containerId, ifName }), nothing)
      assert.isTrue(all.some((one) => AttachmentKey.equals(one, { network, containerId, ifName })))
      for (const one of all) {
        assert.strictEqual(AttachmentKey.fileName(one), AttachmentKey.fileName({ network, containerId, ifName }))
      }
      assert.strictEqual(
        AttachmentKey.ofFileName(AttachmentKey.fileName({ network, containerId, ifName }), {
          ...nothing,
          network,
          ifName
        }).length,
        1
      )
    }
  )
})
