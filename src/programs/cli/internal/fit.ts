/** Makes texts as wide as there is room: cut, or filled with spaces. */
import { displayWidth } from "effect/cli/CliOutput"

export { displayWidth }

/** At which end a text can lose something: names and paths mostly differ at theirs. */
export type Cut = "end" | "start"

/** At most so many columns wide; `…` stands for what is gone. */
export const cut = (text: string, width: number, where: Cut = "end"): string => {
  if (displayWidth(text) <= width) return text
  const parts = Array.from(segmenter().segment(text), ({ segment }) => segment)
  const kept = take(where === "end" ? parts : parts.toReversed(), width - 1)
  return where === "end" ? `${kept.join("")}…` : `…${kept.toReversed().join("")}`
}

/** At least so many columns wide. */
export const fill = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - displayWidth(text)))

/** Lines that are at most so wide, broken at spaces where there are any; all but the first are indented. */
export const wrap = (text: string, width: number | undefined, indent: string): ReadonlyArray<string> => {
  if (width === undefined) return [text]
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && displayWidth(`${last} ${word}`) <= width) lines.splice(-1, 1, `${last} ${word}`)
    else lines.push(last === undefined ? word : indent + word)
  }
  return lines
}

const take = (parts: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  let left = width
  const end = parts.findIndex((part) => (left -= displayWidth(part)) < 0)
  return end === -1 ? parts : parts.slice(0, end)
}

const segmenter = () => new Intl.Segmenter(undefined, { granularity: "grapheme" })
