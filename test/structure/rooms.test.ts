/** The sources stay a house in which a reader finds his way: no circle, small folders, few boxes. */
import { assert, describe, it } from "@effect/vitest"
import * as Path from "node:path"
import { boxesOf, circlesIn, foldersOf, readImports, withoutWiring } from "./imports.ts"

const imports = readImports()
const folders = foldersOf(imports)

describe("the rooms of src", () => {
  it("have files that import no circle", () => {
    const circles = circlesIn(imports).map((circle) => {
      const folder = Path.dirname(circle[0] ?? "")
      return `${folder}: ${circle.map((file) => Path.relative(folder, file)).join(", ")} import each other`
    })
    assert.deepStrictEqual(circles, [])
  })

  it("have no circle between what lies side by side in a folder", () => {
    const circles = folders.flatMap((folder) => {
      const seen = folder === "src" ? withoutWiring(imports) : imports
      return circlesIn(boxesOf(seen, folder)).map((circle) => `${folder}: ${circle.join(", ")} import each other`)
    })
    assert.deepStrictEqual(circles, [])
  })

  it("have at most a dozen files in a folder", () => {
    const large = folders.filter((folder) =>
      [...imports.keys()].filter((file) => Path.dirname(file) === folder).length > 12
    )
    assert.deepStrictEqual(large.map((folder) => `${folder} has more than 12 files`), [])
  })

  it("show at most twenty boxes at the top of the layers", () => {
    assert.isAtMost(boxesOf(imports, "src/layers").size, 20)
  })
})
