/** Where a text stops being JSON, as a person would point at it. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { firstError } from "../../src/domain/JsonPlace.ts"

const at = (text: string) => {
  const place = firstError(text)
  return place && [place.line, place.column]
}

describe("the place of an error in JSON", () => {
  it.each([
    ["", 1, 1],
    ["{", 1, 2],
    [`{"a":1,}`, 1, 8],
    [`{"a":}`, 1, 6],
    [`{"a" 1}`, 1, 6],
    [`[1,2`, 1, 5],
    [`[1,,2]`, 1, 4],
    [`{"a":1}\n}`, 2, 1],
    [`{\n  "a": tru\n}`, 2, 8],
    [`{\r\n  'a': 1\r\n}`, 2, 3],
    [`{"é😀": 01}`, 1, 8],
    [`["a\nb"]`, 1, 2],
    [`["\\x"]`, 1, 2],
    [`{"a":1]`, 1, 7],
    [`\uFEFF{}`, 1, 1]
  ])("%j: line %d, column %d", (text, line, column) => {
    assert.deepStrictEqual(at(text), [line, column])
  })

  it.prop("is nowhere in what is JSON", [Schema.Unknown], ([value]) => {
    const text = JSON.stringify(value, undefined, 2)
    if (text !== undefined) assert.isUndefined(firstError(text))
  })

  it.prop("is somewhere in what JSON.parse refuses", [Schema.String], ([text]) => {
    let isJson = true
    try {
      JSON.parse(text)
    } catch {
      isJson = false
    }
    assert.strictEqual(firstError(text) === undefined, isJson)
  })

  it("is found at the end of a long string that does not end", () => {
    assert.deepStrictEqual(at(`"${"\\\\".repeat(500_000)}`), [1, 1])
  })
})
