/** Tables that fit the terminal: what is too wide is cut, the widest columns first. */
import { type Cut, cut, displayWidth, fill } from "./fit.ts"
import { harmless } from "./harmless.ts"
import type { Paint } from "./style.ts"

/** A column of a table: a `flexible` one is narrowed before others are, an `extra` one is only there where there is room. */
export interface Column {
  readonly title: string
  readonly cut?: Cut
  readonly kind?: "flexible" | "extra"
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

/** The columns for which there is room when the flexible ones are narrow. */
const withoutExtra = (columns: ReadonlyArray<Sized>, room: number): ReadonlyArray<Sized> => {
  const extra = columns.findLastIndex(({ kind }) => kind === "extra")
  return extra === -1 || total(columns) <= room ? columns : withoutExtra(columns.toSpliced(extra, 1), room)
}

const narrowed = (columns: ReadonlyArray<Sized>, room: number): ReadonlyArray<Sized> =>
  limited(limited(columns, room, 8, ({ kind }) => kind === "flexible"), room, 1, () => true)

/** The same columns, but of some none wider than the widest limit with which all fit, if there is one. */
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
