/** docs/architecture.md shows the sources as they are. */
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { drawingOf, drawn, page } from "../../scripts/architecture.ts"
import { foldersOf, readImports, root } from "./imports.ts"

const text = Fs.readFileSync(page, "utf8")
const imports = readImports()

describe("docs/architecture.md", () => {
  it("draws the folders and their imports (else: npm run docs:architecture)", () => {
    const shown = new Set(drawn.exec(text)?.[0].split("\n"))
    const real = new Set(drawingOf(imports).split("\n"))
    const missing = [...real].filter((line) => !shown.has(line))
    const gone = [...shown].filter((line) => !real.has(line))
    assert.deepStrictEqual({ missing, gone }, { missing: [], gone: [] })
  })

  it("names files and folders that are there", () => {
    const named = [...text.matchAll(/`(src\/[\w./]+)`/g)].map(([, path = ""]) => path)
    assert.deepStrictEqual(named.filter((path) => !Fs.existsSync(Path.join(root, path))), [])
  })

  it("says of each folder of a room what it has", () => {
    const folders = foldersOf(imports).filter((folder) => folder.split("/").length === 3)
    assert.deepStrictEqual(folders.filter((folder) => !text.includes(`| \`${folder}\``)), [])
  })
})
