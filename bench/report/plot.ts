/** The ratios as a picture: a line per measure, on a logarithmic scale. */
import { type Judged, show } from "./judge.ts"

const width = 900
const rowHeight = 26
const left = 190
const right = 150
const top = 64
const ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
const colours = { "aim met": "#1a7f37", "must met": "#0969da", MISSED: "#cf222e", "": "#57606a" } as const

/** SVG, to be seen on white. */
export const plot = (all: ReadonlyArray<Judged>): string => {
  const rows = all.filter(({ target, unit }) => target?.unit === "" && unit === "ms")
  const figures = rows.flatMap(({ max, min, target }) => [min, max, target?.must ?? 1, target?.aim ?? 1])
  const from = Math.log(Math.min(...figures, 1) * 0.8)
  const to = Math.log(Math.max(...figures, 1) * 1.25)
  const x = (ratio: number): number =>
    Math.round((left + (Math.log(ratio) - from) / (to - from) * (width - left - right)) * 10) / 10
  const bottom = top + rows.length * rowHeight
  const visible = ticks.filter((tick) => Math.log(tick) >= from && Math.log(tick) <= to)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${
      bottom + 62
    }" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(16, 26, "Time of effect-cni relative to Go's libcni", `font-size="17" font-weight="bold" fill="#1f2328"`),
    text(
      16,
      46,
      "left of 1 is faster; logarithmic; safety-real is relative to effect-cni without its safety",
      `fill="#57606a"`
    ),
    ...visible.map((tick) => gridLine(x(tick), bottom, tick)),
    ...rows.flatMap((row, index) => rowOf(row, top + (index + 0.5) * rowHeight, x)),
    legend(bottom + 48),
    "</svg>\n"
  ].join("\n")
}

const text = (x: number, y: number, words: string, attributes: string): string =>
  `<text x="${x}" y="${y}" ${attributes}>${words}</text>`

const line = (x1: number, y1: number, x2: number, y2: number, colour: string, thickness: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${thickness}"/>`

const gridLine = (at: number, bottom: number, tick: number): string =>
  (tick === 1 ? line(at, top, at, bottom, "#1f2328", 1.5) : line(at, top, at, bottom, "#d8dee4", 1)) +
  text(at, bottom + 18, String(tick), `text-anchor="middle" fill="${tick === 1 ? "#1f2328" : "#57606a"}"`)

const rowOf = ({ figure, max, min, name, target, verdict }: Judged, y: number, x: (ratio: number) => number) => [
  text(left - 12, y + 4, name, `text-anchor="end" fill="#1f2328"`),
  mustMark(x(target?.must ?? 1), y),
  aimMark(x(target?.aim ?? 1), y),
  line(x(min), y, x(max), y, colours[verdict], 3),
  `<circle cx="${x(figure)}" cy="${y}" r="5" fill="${colours[verdict]}"/>`,
  text(width - right + 12, y + 4, `${show(figure)}  ${verdict}`, `fill="${colours[verdict]}"`)
]

const mustMark = (x: number, y: number): string => line(x, y - 9, x, y + 9, "#1f2328", 2)

const aimMark = (x: number, y: number): string =>
  `<path d="M${x - 5} ${y - 10}h10l-5 8z" fill="#ffffff" stroke="#1f2328"/>`

const legend = (y: number): string =>
  [
    mustMark(left + 4, y - 4),
    text(left + 14, y, "must", `fill="#1f2328"`),
    aimMark(left + 74, y + 1),
    text(left + 86, y, "aim", `fill="#1f2328"`),
    line(left + 134, y - 4, left + 164, y - 4, "#57606a", 3),
    `<circle cx="${left + 149}" cy="${y - 4}" r="5" fill="#57606a"/>`,
    text(left + 172, y, "median, and spread of the rounds", `fill="#1f2328"`)
  ].join("")
