/** Tables, trees and lines, for terminals of any width and names of any kind. */
import { assert, describe, it } from "@effect/vitest"
import { displayWidth } from "effect/cli/CliOutput"
import * as Schema from "effect/Schema"
import { table, tree } from "../../../../src/programs/cli/text/layout.ts"
import { cut, escapeControls, escapeControlsInLines, fill, wrap } from "../../../../src/programs/cli/text/text.ts"

const bold = (text: string) => text
const texts = Schema.Array(Schema.Tuple([Schema.String, Schema.String, Schema.String]))

describe("a table", () => {
  const columns = [{ title: "NAME" }, { title: "PATH", cut: "start" }, { title: "" }] as const
  const rows = [
    [{ text: "mynet" }, { text: "/run/netns/blue" }, { text: "" }],
    [{ text: "網路" }, { text: "/run/netns/a" }, { text: "x" }]
  ]

  it("has columns below each other, with characters of any width", () => {
    assert.deepStrictEqual(table(columns, rows, { bold, width: undefined }), [
      "NAME   PATH",
      "mynet  /run/netns/blue",
      "網路   /run/netns/a     x"
    ])
  })

  it("cuts what is widest where there is little room", () => {
    assert.deepStrictEqual(table(columns, rows, { bold, width: 20 }), [
      "NAME   PATH",
      "mynet  …etns/blue",
      "網路   …n/netns/a  x"
    ])
  })

  it.prop(
    "fits every terminal that has room for its gaps",
    [texts, Schema.Literals([12, 40, 80, 200])],
    ([all, width]) => {
      const lines = table(columns, all.map((row) => row.map((text) => ({ text }))), { bold, width })
      for (const line of lines) assert.isAtMost(displayWidth(line), width)
      assert.strictEqual(lines.length, all.length + 1)
    }
  )

  it.prop("has no characters in it that a terminal acts upon", [texts], ([all]) => {
    const lines = table(columns, all.map((row) => row.map((text) => ({ text }))), { bold, width: undefined })
    assert.notMatch(lines.join(""), /[\p{Control}\p{Bidi_Control}]/u)
  })
})

describe("a table with columns of different worth", () => {
  const columns = [{ title: "ID", kind: "flexible" }, { title: "STATE" }, { title: "WHERE", kind: "extra" }] as const
  const rows = [[{ text: "a".repeat(20) }, { text: "attached" }, { text: "/run/netns/a" }]]

  it.each([
    [50, `${"a".repeat(20)}  attached  /run/netns/a`],
    [30, `${"a".repeat(20)}  attached`],
    [20, "aaaaaaaaa…  attached"],
    [14, "aaaaa…  attac…"]
  ])("in %d columns leaves out and narrows what is worth least", (width, expected) => {
    assert.strictEqual(table(columns, rows, { bold, width })[1], expected)
  })
})

describe("a long line", () => {
  it("is broken at spaces, and nowhere else", () => {
    assert.deepStrictEqual(wrap("one two /a/long/path three", 9, "  "), ["one two", "  /a/long/path", "  three"])
    assert.deepStrictEqual(wrap("one two", undefined, "  "), ["one two"])
  })
})

describe("a tree", () => {
  const roots = [{ text: "a", below: [{ text: "b", below: [{ text: "c" }] }, { text: "d\u001b[31m" }] }, { text: "e" }]

  it("has a branch for each line", () => {
    assert.deepStrictEqual(tree(roots, undefined), [
      "a",
      "├─ b",
      "│  └─ c",
      "└─ d\\u{1b}[31m",
      "e"
    ])
  })

  it("is cut to the terminal", () => {
    assert.deepStrictEqual(tree(roots, 7), ["a", "├─ b", "│  └─ c", "└─ d\\u…", "e"])
  })
})

describe("a text", () => {
  it.each(
    [
      ["abcdef", 6, "end", "abcdef"],
      ["abcdef", 4, "end", "abc…"],
      ["abcdef", 4, "start", "…def"],
      ["網路網路", 4, "end", "網…"],
      ["e\u0301e\u0301e\u0301", 2, "end", "e\u0301…"],
      ["abc", 1, "end", "…"]
    ] as const
  )("%j cut to %d at the %s is %j", (text, width, where, expected) => {
    assert.strictEqual(cut(text, width, where), expected)
  })

  it.prop("that was cut and filled has exactly the width", [Schema.String], ([text]) => {
    assert.strictEqual(displayWidth(fill(cut(escapeControls(text), 10), 10)), 10)
  })

  it("is written out where it would change the terminal, or what is read", () => {
    assert.strictEqual(
      escapeControls("\u001b]0;x\u0007\n\u202edcba\u{e0001}\u009b"),
      "\\u{1b}]0;x\\u{7}\\u{a}\\u{202e}dcba\\u{e0001}\\u{9b}"
    )
    assert.strictEqual(escapeControlsInLines("{\r\n\t\u001b"), "{\n    \\u{1b}")
  })
})
