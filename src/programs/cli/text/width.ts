/** Cuts, fills and wraps texts to a width in columns of a terminal. */
import { displayWidth } from "effect/cli/CliOutput"

export { displayWidth }

/** The end at which a text is cut: paths mostly differ at their end, so they are cut at the start. */
export type Cut = "end" | "start"

/** Makes a text at most `width` wide; `…` stands for the part that is cut off. */
export const cut = (text: string, width: number, where: Cut = "end"): string => {
  if (displayWidth(text) <= width) return text
  const parts = Array.from(segmenter().segment(text), ({ segment }) => segment)
  const kept = take(where === "end" ? parts : parts.toReversed(), width - 1)
  return where === "end" ? `${kept.join("")}…` : `…${kept.toReversed().join("")}`
}

/** Makes a text at least `width` wide. */
export const fill = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - displayWidth(text)))

/** Breaks a text at spaces into lines of at most `width`; every line but the first is indented. */
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

// Made where a text is cut, because loading its data takes longer than most calls of the command have to wait for.
const segmenter = () => new Intl.Segmenter(undefined, { granularity: "grapheme" })
