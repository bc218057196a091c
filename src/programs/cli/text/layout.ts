/** Tables and trees that fit the terminal. */
import { type Cut, cut, displayWidth, escapeControls, fill, type Paint, type Style } from "./text.ts"

/** A column of a table: a `flexible` one is narrowed before the others, an `extra` one is left out where there is no room. */
export interface Column {
  readonly title: string
  readonly cut?: Cut
  readonly kind?: "flexible" | "extra"
}

/** A cell of a table. */
export interface Cell {
  readonly text: string
  readonly paint?: Paint
}

/** The lines of a table, without spaces at their ends. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  { bold, width }: Pick<Style, "bold" | "width">
): ReadonlyArray<string> => {
  const head = columns.map(({ title }): Cell => ({ text: title, paint: bold }))
  const safe = [head, ...rows].map((row) => row.map((cell) => ({ ...cell, text: escapeControls(cell.text) })))
  const sized = columns.map((column, at): Sized => ({
    ...column,
    at,
    width: Math.max(...safe.map((row) => displayWidth(row[at]?.text ?? "")))
  }))
  const fitting = width === undefined ? sized : narrowed(withoutExtra(sized, width), width)
  return safe.map((row) => lineOf(row, fitting))
}

interface Sized extends Column {
  readonly at: number
  readonly width: number
}

const gap = "  "

const lineOf = (row: ReadonlyArray<Cell>, columns: ReadonlyArray<Sized>): string => {
  const cells = columns.map(({ at, cut: where, width }) => {
    const { paint = asItIs, text = "" } = row[at] ?? {}
    const shown = cut(text, width, where)
    return { shown, painted: paint(shown), width }
  })
  const last = cells.findLastIndex(({ shown }) => shown !== "")
  return cells.slice(0, last + 1).map(({ painted, shown, width }, at) =>
    painted + (at === last ? "" : fill(shown, width).slice(shown.length))
  ).join(gap)
}

const asItIs: Paint = (text) => text

const total = (columns: ReadonlyArray<Sized>): number =>
  columns.reduce((sum, { width }) => sum + width + gap.length, -gap.length)

/** The columns for which there is room, the last extra one left out first. */
const withoutExtra = (columns: ReadonlyArray<Sized>, room: number): ReadonlyArray<Sized> => {
  const extra = columns.findLastIndex(({ kind }) => kind === "extra")
  return extra === -1 || total(columns) <= room ? columns : withoutExtra(columns.toSpliced(extra, 1), room)
}

const narrowed = (columns: ReadonlyArray<Sized>, room: number): ReadonlyArray<Sized> =>
  limited(limited(columns, room, 8, ({ kind }) => kind === "flexible"), room, 1, () => true)

/** The same columns; those to narrow are at most as wide as the widest limit with which all fit, or as `least`. */
const limited = (
  columns: ReadonlyArray<Sized>,
  room: number,
  least: number,
  isNarrowed: (column: Sized) => boolean
): ReadonlyArray<Sized> => {
  let limit = Math.max(least, ...columns.map(({ width }) => width))
  const within = () => columns.map((one) => isNarrowed(one) ? { ...one, width: Math.min(one.width, limit) } : one)
  while (limit > least && total(within()) > room) limit--
  return within()
}

/** A line with lines below it. */
export interface Node extends Cell {
  readonly below?: ReadonlyArray<Node>
}

/** The lines of some trees, cut to the `width` if there is one. */
export const tree = (roots: ReadonlyArray<Node>, width: number | undefined): ReadonlyArray<string> =>
  roots.flatMap((root) => [nodeLine("", root, width), ...branches(root.below ?? [], "", width)])

const branches = (nodes: ReadonlyArray<Node>, indent: string, width: number | undefined): ReadonlyArray<string> =>
  nodes.flatMap((node, at) => {
    const isLast = at === nodes.length - 1
    return [
      nodeLine(`${indent}${isLast ? "└─ " : "├─ "}`, node, width),
      ...branches(node.below ?? [], `${indent}${isLast ? "   " : "│  "}`, width)
    ]
  })

const nodeLine = (indent: string, { paint = asItIs, text }: Cell, width: number | undefined): string => {
  const safe = escapeControls(text)
  return indent + paint(width === undefined ? safe : cut(safe, Math.max(1, width - displayWidth(indent))))
}
