import { assert, describe, it } from "@effect/vitest"
import { CniVersion } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const parts = Schema.Tuple([Schema.Int, Schema.Int, Schema.Int])

describe("CniVersion", () => {
  it("reads one to three integers; nothing at all is 0.1.0", () => {
    assert.deepStrictEqual(CniVersion.parse("1.1.0"), Result.succeed([1, 1, 0]))
    assert.deepStrictEqual(CniVersion.parse("1.0"), Result.succeed([1, 0, 0]))
    assert.deepStrictEqual(CniVersion.parse("1"), Result.succeed([1, 0, 0]))
    assert.deepStrictEqual(CniVersion.parse(""), Result.succeed([0, 1, 0]))
    assert.deepStrictEqual(CniVersion.parse("01.0.0"), Result.succeed([1, 0, 0]))
  })

  it.each([
    "v1.0.0",
    "1.0.0-rc1",
    "1.0.0.0",
    "1..0",
    ".",
    " 1.0.0",
    "1.0x.0",
    "0x1.0.0",
    "1e1.0.0",
    "99999999999999999999"
  ])(
    "rejects %s",
    (version) => {
      const issue = Result.getOrThrow(Result.flip(CniVersion.parse(version)))
      assert.strictEqual(issue._tag, "InvalidVersion")
      assert.strictEqual(issue.version, version)
      assert.include(issue.message, "Write it like 1.0.0")
    }
  )

  it.prop("orders any two versions, and in both directions alike", [parts, parts], ([left, right]) => {
    const there = CniVersion.order(left, right)
    const back = CniVersion.order(right, left)
    assert.strictEqual(there + back, 0)
    assert.strictEqual(there === 0, left.every((part, at) => part === right[at]))
  }, { arbitrary: { runs: 1000 } })

  it("selects the highest version that is not newer than 1.1.0", () => {
    const select = (version: string, versions: ReadonlyArray<string>) =>
      Result.getOrThrow(CniVersion.select(version, versions))
    assert.strictEqual(select("0.4.0", ["0.3.1", "1.0.0", "2.0.0"]), "1.0.0")
    assert.strictEqual(select("1.1.0", ["0.4.0"]), "1.1.0")
    assert.strictEqual(select("3.0.0", ["2.0.0"]), "3.0.0")
    assert.strictEqual(select("", ["0.4", "1", "0.3.1"]), "1")
    assert.strictEqual(select("", []), "")
    assert.isTrue(Result.isFailure(CniVersion.select("", ["1.0.0", "x"])))
  })
})
