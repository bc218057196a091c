/** A file that a text names is there. */
import { assert, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "./imports.ts"

const texts = ["README.md", "CONTRIBUTING.md", ...Fs.globSync("docs/*.md", { cwd: root })]

const isThere = (from: string, path: string): boolean => Fs.existsSync(Path.resolve(root, from, path))

it("the texts name tests and examples that are there, and link to what is there", () => {
  const wrong = texts.flatMap((file) => {
    const text = Fs.readFileSync(Path.join(root, file), "utf8")
    const named = [...text.matchAll(/`((?:test|examples|bench|scripts)\/[\w./-]+)`/g)].map(([, path = ""]) => path)
    const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = ""]) => path)
    return [
      ...named.filter((path) => !isThere("", path)),
      ...linked.filter((path) => !isThere(Path.dirname(file), path))
    ].map((path) => `${file}: ${path}`)
  })
  assert.deepStrictEqual(wrong, [])
})
