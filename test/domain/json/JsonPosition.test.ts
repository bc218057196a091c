/** Where a text stops being JSON, as a person would point at it. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { firstError, placeOfPath } from "../../../src/domain/json/JsonPosition.ts"

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
    [`["a\nb"]`, 1, 4],
    [`["\\x"]`, 1, 3],
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
    assert.deepStrictEqual(at(`"${"\\\\".repeat(500_000)}`), [1, 1_000_002])
  })
})

describe("the place of a member", () => {
  const text =
    `{\n  "name": "mynet",\n  "plugins": [\n    { "type": "a" },\n    { "ty\\u0070e": 5, "x.y": [[1, 2]] }\n  ]\n}`

  it.each([
    ["", 1, 1],
    ["name", 2, 11],
    ["cniVersion", 1, 1],
    ["plugins[0].type", 4, 15],
    ["plugins[1].type", 5, 20],
    ["plugins[1].x.y[0][1]", 5, 35],
    ["plugins[0].ipam.type", 4, 5],
    ["plugin", 1, 1],
    ["plugins[7]", 3, 14]
  ])("%j: line %d, column %d", (path, line, column) => {
    const { column: foundColumn, line: foundLine } = placeOfPath(text, path)
    assert.deepStrictEqual([foundLine, foundColumn], [line, column])
  })

  it("is that of the last one of several, which is the one that counts", () => {
    assert.strictEqual(placeOfPath(`{"a":1,"a":2}`, "a").column, 12)
  })

  it.prop("is in the text, whatever is asked for", [Schema.Json, Schema.String], ([value, path]) => {
    const text = JSON.stringify(value, null, 1)
    const { line } = placeOfPath(text, path)
    assert.isTrue(line >= 1 && line <= text.split("\n").length)
  })
})
