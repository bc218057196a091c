import { assert, describe, it } from "@effect/vitest"
import { Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const roundTrip = (text: string) => Result.map(Json.parse(text), Json.stringify)
const rejected = (text: string, depth?: number) => Result.getOrThrow(Result.flip(Json.parse(text, depth)))

describe("Json", () => {
  it("keeps integers of any length digit for digit", () => {
    for (const digits of ["9007199254740993", "-9007199254740993", "123456789012345678901234567890", "0", "-1"]) {
      assert.deepStrictEqual(roundTrip(`{"n":[${digits}]}`), Result.succeed(`{"n":[${digits}]}`))
      assert.deepStrictEqual(roundTrip(digits), Result.succeed(digits))
      for (const space of [" ", "\t", "\r\n"]) {
        const text = `{"n":${space}${digits},"m":[1,${space}${digits}${space}]}`
        assert.deepStrictEqual(roundTrip(text), Result.succeed(`{"m":[1,${digits}],"n":${digits}}`))
      }
    }
  })

  it("keeps fractions and exponents as numbers", () => {
    assert.deepStrictEqual(
      Json.parse("[1.5,1e3,0.1234567890123456789]"),
      Result.succeed([1.5, 1000, 0.12345678901234568])
    )
  })

  it("keeps the sign of a negative zero, and replaces halves of characters, as Go does", () => {
    assert.deepStrictEqual(roundTrip("[-0,-0.0]"), Result.succeed("[-0,-0]"))
    assert.deepStrictEqual(
      Json.parse(`{"\\udc00":["x\\ud800y","\\ud83d\\ude00"]}`),
      Result.succeed({ "\ufffd": ["x\ufffdy", "\u{1F600}"] })
    )
  })

  it("says what is wrong in one line", () => {
    assert.notMatch(rejected("hello\r\nworld\n"), /[\r\n]/)
    assert.strictEqual(
      rejected("{\n  a: 1\n}"),
      "it is no JSON at line 2, column 3: a is no key: a text needs double quotes"
    )
  })

  it("rejects a number that is out of range", () => {
    assert.match(rejected("[1e400]"), /out of range/)
    assert.match(rejected(`[${"9".repeat(400)}]`), /out of range/)
    assert.match(rejected(`[${"9".repeat(250)}e99]`), /out of range/)
    assert.match(rejected(`[1${"0".repeat(212)}.5e97]`), /out of range/)
    assert.match(rejected("[-1E+0400]"), /out of range/)
  })

  it("rejects a byte-order mark", () => {
    assert.match(rejected("\uFEFF{}"), /byte-order mark/)
    const withMark = Json.parseBytes(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))
    assert.isTrue(Result.isFailure(withMark))
  })

  it("lets the last of several equal keys win", () => {
    assert.deepStrictEqual(roundTrip(`{"a":1,"a":2}`), Result.succeed(`{"a":2}`))
  })

  it("bounds nesting, brackets inside of strings aside", () => {
    const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels)
    assert.isTrue(Result.isSuccess(Json.parse(deep(500))))
    assert.match(rejected(deep(501)), /deeper than the limit of 500/)
    assert.match(rejected(deep(100_000)), /deeper than the limit of 500/)
    const brackets = JSON.stringify({ text: `${"[".repeat(1000)}\\"${"{".repeat(1000)}` })
    assert.deepStrictEqual(roundTrip(brackets), Result.succeed(brackets))
  })

  it("bounds size", () => {
    const tooLarge = Json.parseBytes(new TextEncoder().encode(`"${"x".repeat(100)}"`), { maxBytes: 50, maxDepth: 5 })
    assert.deepStrictEqual(tooLarge, Result.fail("102 bytes, which is more than the limit of 50"))
  })

  it("keeps a __proto__ key as a key and changes no prototype", () => {
    const text = `{"__proto__":{"polluted":true}}`
    assert.deepStrictEqual(roundTrip(text), Result.succeed(text))
    assert.isFalse("polluted" in {})
  })

  it("keeps escaped keys apart, whatever keys were read before them", () => {
    const keys = ["\\", "\\u00", "\n", "\t", "\u0000", "\u001f", "\"", "a", "", "type", "\uE0000", "\\\\"]
    for (let turn = 0; turn < 20; turn++) {
      for (const first of keys) {
        for (const second of keys.filter((key) => key !== first)) {
          const parsed = Json.parse(JSON.stringify({ [first]: 1, [second]: "a\\", x: true }))
          assert.deepStrictEqual(parsed, Result.succeed({ [first]: 1, [second]: "a\\", x: true }))
        }
      }
    }
  })

  it("reads a key that is escaped without need as the key that it is, the last of its name", () => {
    const text = String
      .raw`{"\u0074ype" : "a", "n": 1, "type": ["\"", ":"], "\u006e": 12345678901234567890, "\"": {"\n": -0}}`
    assert.deepStrictEqual(
      Json.parse(text),
      Result.succeed({ type: ["\"", ":"], n: 12345678901234567890n, "\"": { "\n": -0 } })
    )
  })

  it("writes as Go does: sorted by code point, without white space, HTML characters escaped", () => {
    const text = Json.stringify({ "\u{1F600}": 1, "\uFFFD": 2, b: "<&>", a: [true, null], B: "\u2028" })
    assert.strictEqual(
      text,
      `{"B":"\\u2028","a":[true,null],"b":"\\u003c\\u0026\\u003e","\uFFFD":2,"\u{1F600}":1}`
    )
  })

  it("takes only plain data for JSON", () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (
      const value of [undefined, () => 1, Symbol("s"), Number.NaN, Infinity, new Date(), new Map(), cycle, [undefined]]
    ) {
      assert.isFalse(Json.isJson(value))
    }
    assert.isTrue(Json.isJson({ a: [1n, "x", null, { b: false }] }))
  })

  it.prop("parses what it wrote", [Schema.Json], ([value]) => {
    if (!Json.isJson(value)) return
    const text = Json.stringify(value)
    const again = Result.getOrThrow(roundTrip(text))
    assert.deepStrictEqual(roundTrip(again), Result.succeed(again))
    // Two keys that are halves of characters become one.
    if (!text.includes("\ufffd")) assert.strictEqual(again, text)
    assert.doesNotThrow(() => void JSON.parse(again))
  }, { arbitrary: { runs: 1000 } })
})
