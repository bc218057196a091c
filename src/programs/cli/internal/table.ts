/** Tables that fit the terminal: what is too wide is cut, the widest columns first. */
import { type Cut, cut, displayWidth, fill } from "./fit.ts"
import { harmless } from "./harmless.ts"
import type { Paint } from "./style.ts"

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly cut?: Cut
}

/** What stands in a table; `paint` does not change its width. */
export interface Cell {
  readonly text: string
  readonly paint?: Paint
}

/** Lines, without spaces at their ends. Where there is no `width`, nothing is cut. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  { bold, width }: { readonly bold: Paint; readonly width: number | undefined }
): ReadonlyArray<string> => {
  const head = columns.map(({ title }): Cell => ({ text: title, paint: bold }))
  const safe = [head, ...rows].map((row) => row.map((cell) => ({ ...cell, text: harmless(cell.text) })))
  const natural = columns.map((_, at) => Math.max(...safe.map((row) => displayWidth(row[at]?.text ?? ""))))
  const widths = width === undefined ? natural : narrowed(natural, width - gap.length * (columns.length - 1))
  return safe.map((row) => lineOf(row, columns, widths))
}

const gap = "  "

const lineOf = (row: ReadonlyArray<Cell>, columns: ReadonlyArray<Column>, widths: ReadonlyArray<number>): string => {
  const last = row.findLastIndex(({ text }) => text !== "")
  return row.slice(0, last + 1).map(({ paint = asItIs, text }, at) => {
    const width = widths[at] ?? 0
    const shown = cut(text, width, columns[at]?.cut)
    return paint(shown) + (at === last ? "" : fill(shown, width).slice(shown.length))
  }).join(gap)
}

const asItIs: Paint = (text) => text

/** The same widths, but none above the widest limit with which all fit. */
const narrowed = (natural: ReadonlyArray<number>, room: number): ReadonlyArray<number> => {
  let limit = Math.max(1, ...natural)
  const limited = () => natural.map((width) => Math.min(width, limit))
  while (limit > 1 && limited().reduce((sum, width) => sum + width, 0) > room) limit--
  return limited()
}
