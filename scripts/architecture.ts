/** Draws the rooms of `src` into docs/architecture.md, from what the files import: `npm run docs:architecture`. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { boxesOf, type Imports, reachedFrom, readImports, root, withoutWiring } from "../test/structure/imports.ts"

export const page = Path.join(root, "docs/architecture.md")

/** What the files directly in a room are. */
const top: Readonly<Record<string, string>> = {
  domain: "domain",
  services: "CniServices, Tunables",
  layers: "NodeCni, MemoryCni",
  programs: "Cni, the verbs"
}

const rooms = ["programs", "layers", "services", "domain"]

/** The folders of a room and what each imports of the others; files that lie directly in it are one box. */
const foldersIn = (imports: Imports, room: string): Imports => {
  const nameOf = (box: string) => box.endsWith(".ts") ? "top" : box
  const merged = new Map<string, Set<string>>()
  for (const [box, others] of boxesOf(imports, `src/${room}`)) {
    const name = nameOf(box)
    const reached = merged.get(name) ?? new Set()
    merged.set(name, reached)
    for (const other of [...others].map(nameOf)) if (other !== name) reached.add(other)
  }
  return merged
}

/** Only the arrows that no other arrows imply. */
const arrowsOf = (imports: Imports): ReadonlyArray<readonly [from: string, to: string]> =>
  [...imports].flatMap(([from, others]) =>
    [...others].toSorted().filter((to) =>
      [...others].every((by) => by === to || !reachedFrom(imports, by).has(to) || reachedFrom(imports, to).has(by))
    ).map((to) => [from, to] as const)
  )

/** The drawing, as the text of a Mermaid flowchart. */
export const drawingOf = (all: Imports): string => {
  const imports = withoutWiring(all)
  const lines = rooms.flatMap((room) => {
    const folders = foldersIn(imports, room)
    return [
      `  subgraph ${room}`,
      ...[...folders.keys()].map((name) => `    ${room}_${name}["${name === "top" ? top[room] : `${name}/`}"]`),
      ...arrowsOf(folders).map(([from, to]) => `    ${room}_${from} --> ${room}_${to}`),
      "  end"
    ]
  })
  const between = new Map([...boxesOf(imports, "src")].filter(([room]) => rooms.includes(room)))
  return ["flowchart TD", ...lines, ...arrowsOf(between).map(([from, to]) => `  ${from} ==> ${to}`)].join("\n")
}

/** Where the drawing is in the page. */
export const drawn = /(?<=^```mermaid\n)[^]*?(?=\n```$)/m

if (import.meta.main) {
  Fs.writeFileSync(page, Fs.readFileSync(page, "utf8").replace(drawn, () => drawingOf(readImports())))
}
