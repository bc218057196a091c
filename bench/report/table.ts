/** The findings for a terminal. */
import { absolutes, type Judged, show } from "./judge.ts"

const columns = ["measure", "figure", "min", "max", "must", "aim", "", "ours to theirs", "our MB"]

const cells = (judged: Judged): ReadonlyArray<string> => [
  judged.name,
  show(judged.figure),
  show(judged.min),
  show(judged.max),
  String(judged.target?.must ?? ""),
  String(judged.target?.aim ?? ""),
  judged.verdict,
  absolutes(judged),
  judged.rss === 0 ? "" : judged.rss.toFixed(0)
]

const widths = [22, 8, 8, 8, 6, 6, 9, 24, 6]

const line = (texts: ReadonlyArray<string>): string =>
  texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join("").trimEnd()

export const header = line(columns)
export const row = (judged: Judged): string => line(cells(judged))
