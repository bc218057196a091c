/** Who imports whom in `src`, type imports included. */
import * as Fs from "node:fs"
import * as Path from "node:path"

export const root = Path.resolve(import.meta.dirname, "../..")

/** For each file, from `src/` on, the files that it imports. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>

const importPattern = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g

const importsOf = (file: string): ReadonlySet<string> => {
  // Lines of docstrings have examples, which import for a reader.
  const text = Fs.readFileSync(Path.join(root, file), "utf8").replaceAll(/^ *\*.*$/gm, "")
  return new Set([...text.matchAll(importPattern)].map(([, path = ""]) => Path.join(Path.dirname(file), path)))
}

/** Reads the imports of all sources. */
export const readImports = (): Imports =>
  new Map(
    Fs.globSync("src/**/*.ts", { cwd: root }).toSorted().map((file) => [file, importsOf(file)])
  )

/** What lies directly in a folder, files and folders, and what each imports of the others there. */
export const boxesOf = (imports: Imports, folder: string): Imports => {
  const boxOf = (file: string) =>
    file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split("/")[0] : undefined
  const boxes = new Map<string, Set<string>>()
  for (const [file, imported] of imports) {
    const box = boxOf(file)
    if (box === undefined) continue
    const reached = boxes.get(box) ?? new Set()
    boxes.set(box, reached)
    for (const other of [...imported].map(boxOf)) if (other !== undefined && other !== box) reached.add(other)
  }
  return boxes
}

/** Groups whose members all reach each other. */
export const circlesIn = (imports: Imports): ReadonlyArray<ReadonlyArray<string>> => {
  const reached = new Map([...imports.keys()].map((from) => [from, reachedFrom(imports, from)]))
  const circleOf = (one: string) =>
    [...imports.keys()].filter((other) => reached.get(one)?.has(other) && reached.get(other)?.has(one)).toSorted()
  const circles = new Map([...imports.keys()].map(circleOf).map((circle) => [circle.join(", "), circle]))
  return [...circles.values()].filter((circle) => circle.length > 1)
}

/** All that can be reached from one. */
export const reachedFrom = (imports: Imports, from: string): ReadonlySet<string> => {
  const reached = new Set(imports.get(from))
  for (const file of reached) for (const next of imports.get(file) ?? []) reached.add(next)
  return reached
}

/** All folders of `src`, and `src` itself. */
export const foldersOf = (imports: Imports): ReadonlyArray<string> => {
  const parents = (file: string): ReadonlyArray<string> =>
    file === "src" ? [file] : [file, ...parents(Path.dirname(file))]
  return [...new Set([...imports.keys()].flatMap((file) => parents(Path.dirname(file))))].toSorted()
}

const wiring = new Set(["src/programs/cli/bin.ts", "src/programs/cli/main.ts"])

/** Without the programs of the package: they put layers below the command, so that they import all rooms. */
export const withoutWiring = (imports: Imports): Imports => new Map([...imports].filter(([file]) => !wiring.has(file)))
