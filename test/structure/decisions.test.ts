/** docs/decisions.md is a set of short records with an index. */
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "./imports.ts"

const [top = "", ...records] = Fs.readFileSync(Path.join(root, "docs/decisions.md"), "utf8").split(/^## /m)
const titles = records.map((record) => record.split("\n")[0] ?? "")

/** As GitHub makes the anchor of a heading. */
const anchorOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, "").replaceAll(" ", "-")

describe("the decisions", () => {
  it("are all in the index, in their order", () => {
    const index = top.split("\n").filter((line) => line.startsWith("- "))
    assert.deepStrictEqual(index, titles.map((title) => `- [${title}](#${anchorOf(title)})`))
  })

  it("have context, decision, consequence and what would change it, in at most 15 lines", () => {
    const parts = [/^- Context: /m, /^- Decision: /m, /^- Consequence: /m, /^- What would change it: /m]
    const wrong = records.filter((record) =>
      !record.startsWith("Dependencies\n") &&
      (record.trim().split("\n").length > 15 || parts.some((part) => !part.test(record)))
    )
    assert.deepStrictEqual(wrong, [])
  })
})
