/** Texts for readers are in plain English: they name who acts, and give each thing its noun. */
import { assert, it } from "@effect/vitest"
import { filesBelow, findingsIn } from "./words.ts"

/** What is clean and stays so. */
const places = ["README.md", "CONTRIBUTING.md", "docs", "src", "bench", "scripts", "test/structure/rooms.test.ts"]

it("no text has a word that hides who acts", () => {
  const findings = filesBelow(places).flatMap(findingsIn)
  assert.deepStrictEqual(findings.map(({ file, instead, line, text }) => `${file}:${line}: "${text}": ${instead}`), [])
})
