/** What is said of the mistakes that people make in JSON. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { firstMistake } from "../../../src/domain/json/JsonSyntaxMistake.ts"

describe("a mistake in JSON", () => {
  it.each<readonly [text: string, place: string, reason: string]>([
    ["", "1:1", "it is empty"],
    [" \n\t\n", "1:1", "it is empty"],
    ["\n", "1:1", "it is empty"],
    ["{\n // why\n}", "2:2", "JSON has no comments: remove it"],
    ["{\n # why\n}", "2:2", "JSON has no comments: remove it"],
    [`{"a": 1, /* why */ "b": 2}`, "1:10", "JSON has no comments: remove it"],
    [`{"a": 1} // why`, "1:10", "JSON has no comments: remove it"],
    [`{"a": [1, 2,]}`, "1:13", "there is a comma too many before ]: remove it"],
    [`{\n  "a": 1,\n}`, "3:1", "there is a comma too many before }: remove it"],
    ["[1,,2]", "1:4", "there is a comma too many: remove it"],
    [`{"a":{} "b":1}`, "1:9", `a comma or the end of the { is missing before "b"`],
    [`{"a" 1}`, "1:6", "a colon is missing before 1"],
    [`{'a': 1}`, "1:2", `' (U+0027) is no quote in JSON: write " (U+0022)`],
    [`{\u201ca\u201d: 1}`, "1:2", `\u201c (U+201C) is no quote in JSON: write " (U+0022)`],
    [`{a: 1}`, "1:2", "a is no key: a text needs double quotes"],
    [`{"a": bridge}`, "1:7", "bridge is no value: a text needs double quotes"],
    [`{"a": 01}`, "1:7", "01 is no value"],
    [`{"a": tru`, "1:7", "it ends in the middle of tru: is it cut off?"],
    [`{"a": True}`, "1:7", "True is to be written true"],
    [`{"a": NULL}`, "1:7", "NULL is to be written null"],
    [`{\u00a0"a": 1}`, "1:2", "U+00A0 (no-break space) does not belong there: remove it"],
    [`{"a": 1,\u200b"b": 2}`, "1:9", "U+200B (zero-width space) does not belong there: remove it"],
    [`{"a": 1}\u2060`, "1:9", "U+2060 (word joiner) does not belong there: remove it"],
    [`{"a": \u001b[1m}`, "1:7", "U+001B does not belong there: remove it"],
    [`{"a":"b\tc"}`, "1:8", "U+0009 (tab) in a text in quotes is to be written \\t"],
    [`{"a":"b\u0001c"}`, "1:8", "U+0001 in a text in quotes is to be written \\u0001"],
    [`{"a":"C:\\x"}`, "1:9", "\\x is nothing that JSON knows: a backslash is written \\\\"],
    [
      `{"a":"b\n}`,
      "1:8",
      "the line ends in the middle of a text in quotes: a quote is missing, or a line feed is to be written \\n"
    ],
    [`{"a":"b`, "1:8", "it ends in the middle of a text in quotes: is it cut off?"],
    [`{\n  "a": [1`, "2:10", "it ends before the [ of line 2, column 8 is closed: is it cut off?"],
    [`{"a": 1}{"b": 2}`, "1:9", "there is more after the end of the JSON: {"],
    [`{"a": {{ .Mtu }}}`, "1:7", "{{ .Mtu }} is a template that was not filled in"],
    [`{{ .Config }}`, "1:1", "{{ .Config }} is a template that was not filled in"],
    [`{"a": __MTU__}`, "1:7", "__MTU__ is a template that was not filled in"],
    [`{"a": %s}`, "1:7", "%s is a template that was not filled in"],
    [`{"a": %d}`, "1:7", "%d is a template that was not filled in"],
    [`{"a": $2}`, "1:7", "$2 is a template that was not filled in"],
    ["{\"a\": ${MTU}}", "1:7", "${MTU} is a template that was not filled in"],
    [`\uFEFF{}`, "1:1", "it starts with a byte-order mark (U+FEFF): save it as UTF-8 without one"],
    [`{"a":1}\uFFFD`, "1:8", "there are bytes that are no UTF-8: save it as UTF-8"],
    ["time=12:00 level=info hello", "1:1", "it begins with time, where JSON begins with {"],
    ["cniVersion: 1.0.0", "1:1", "it begins with cniVersion, where JSON begins with {"],
    [`<html></html>`, "1:1", "it looks like XML or HTML, and is no JSON"]
  ])("%j: %s %s", (text, place, reason) => {
    const mistake = firstMistake(text)
    assert.deepStrictEqual([`${mistake?.place.line}:${mistake?.place.column}`, mistake?.reason], [place, reason])
  })

  it.each(["utf16le", "utf16be", "utf16le with a mark", "utf16be with a mark"])("is told of %s", (encoding) => {
    const bytes = Buffer.from(`${encoding.endsWith("mark") ? "\uFEFF" : ""}{"name":"n"}`, "utf16le")
    const text = new TextDecoder().decode(encoding.startsWith("utf16be") ? bytes.swap16() : bytes)
    assert.strictEqual(firstMistake(text)?.reason, "it is no UTF-8, but looks like UTF-16: save it as UTF-8")
  })

  it.prop("is found in every text that JSON.parse refuses, and in no other", [Schema.String], ([text]) => {
    let isJson = true
    try {
      JSON.parse(text)
    } catch {
      isJson = false
    }
    const mistake = firstMistake(text)
    assert.strictEqual(mistake === undefined, isJson)
    assert.notStrictEqual(mistake?.reason, "")
  })
})
