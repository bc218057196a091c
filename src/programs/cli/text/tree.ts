/** Trees of lines, as `tree` draws them. */
import { escapeControls } from "./escape.ts"
import type { Paint } from "./style.ts"
import { cut, displayWidth } from "./width.ts"

/** A line with lines below it. */
export interface Node {
  readonly text: string
  readonly paint?: Paint
  readonly below?: ReadonlyArray<Node>
}

/** The lines of some trees, cut to the `width` if there is one. */
export const tree = (roots: ReadonlyArray<Node>, width: number | undefined): ReadonlyArray<string> =>
  roots.flatMap((root) => [lineOf("", root, width), ...branches(root.below ?? [], "", width)])

const branches = (nodes: ReadonlyArray<Node>, indent: string, width: number | undefined): ReadonlyArray<string> =>
  nodes.flatMap((node, at) => {
    const isLast = at === nodes.length - 1
    return [
      lineOf(`${indent}${isLast ? "└─ " : "├─ "}`, node, width),
      ...branches(node.below ?? [], `${indent}${isLast ? "   " : "│  "}`, width)
    ]
  })

const lineOf = (indent: string, { paint = (text) => text, text }: Node, width: number | undefined): string => {
  const safe = escapeControls(text)
  return indent + paint(width === undefined ? safe : cut(safe, Math.max(1, width - displayWidth(indent))))
}
