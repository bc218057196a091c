/** Draws a diagram as Mermaid text, which GitHub and many others show as a picture. */
import type { Diagram } from "./diagram.ts"

/** A flowchart: networks at the left, containers at the right. */
export const mermaid = ({ containers, networks }: Diagram): string => {
  const lines = [
    "flowchart LR",
    ...networks.map(({ subtitle, title }, at) => `    n${at}[${label(title, subtitle)}]`),
    ...containers.map(({ title }, at) => `    c${at}([${label(title)}])`),
    ...containers.flatMap(({ links }, at) =>
      links.map((link) => `    n${link.network} ${link.isFine ? "---" : "-.-"}|${label(link.label)}| c${at}`)
    ),
    ...(networks.length + containers.length === 0 ? ["    nothing[no networks]"] : [])
  ]
  return lines.map((line) => `${line}\n`).join("")
}

const label = (...texts: ReadonlyArray<string>): string =>
  `"${texts.filter((text) => text !== "").map(escaped).join("<br/>") || " "}"`

// Mermaid's own entities: what is none of its signs stays. A text that begins like a list would be taken for one.
const escaped = (text: string): string =>
  text.replace(/[^\p{L}\p{N}\p{M} .,/:…-]|^-|(?<=^\d+)\./gu, (char) => `#${char.codePointAt(0)};`)
