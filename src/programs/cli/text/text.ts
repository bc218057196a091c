/** Texts for a terminal or a file: without control characters, in colours, and in lines that fit. */
import { displayWidth } from "effect/cli/CliOutput"
import * as Effect from "effect/Effect"
import type { JsonPlace } from "../../../domain/json/JsonPosition.ts"
import { CommandOutput, type Surface } from "../../../services/command/CommandOutput.ts"

/** Control characters, and those that change the direction of a text, are written as `\u{1b}`. */
export const escapeControls = (text: string): string =>
  text.toWellFormed().replace(controls, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)

/** Does the same to each line of a text. */
export const escapeControlsInLines = (text: string): string =>
  text.split(/\r?\n/).map((line) => escapeControls(line.replaceAll("\t", "    "))).join("\n")

const controls = /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}\p{Default_Ignorable_Code_Point}]/gu

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

/** A way of writing a text, which does not change its width. */
export type Paint = (text: string) => string

/** `width` is the terminal's, in columns; `undefined` elsewhere, where no text is cut. */
export interface Style {
  readonly width: number | undefined
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
}

/** A stream without colours gets each text as it is. */
export const styleOf = ({ columns, hasColours }: Surface): Style => {
  const escape = (on: number, off: number): Paint => (text) => hasColours ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    width: columns,
    bold: escape(1, 22),
    dim: escape(2, 22),
    red: escape(31, 39),
    green: escape(32, 39),
    yellow: escape(33, 39)
  }
}

/** The style of results. */
export const stdoutStyle: Effect.Effect<Style, never, CommandOutput> = Effect.flatMap(
  CommandOutput,
  ({ stdout }) => Effect.map(stdout, styleOf)
)

/** Lines as they are written: each ends with a line feed. */
export const textOfLines = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}\n`).join("")

/** `LABEL: …`, in lines that fit; only the label is painted. */
export const labelledLines = (
  label: string,
  paint: Paint,
  text: string,
  width: number | undefined
): ReadonlyArray<string> => {
  const name = escapeControls(label)
  const [first = "", ...others] = wrap(`${name}: ${escapeControls(text)}`, width, "    ")
  return [first.startsWith(name) ? paint(name) + first.slice(name.length) : first, ...others]
}

/** The line of a place, and below it a caret at the column. */
export const caretLines = ({ column, line, text }: JsonPlace): ReadonlyArray<string> => {
  const start = Math.max(0, column - 1 - shownWidth / 2)
  const chars = Array.from(text).slice(start, start + shownWidth)
  const shown = chars.map((char) => escapeControls(char) === char ? char : " ")
  const number = `${line}`
  return [
    `${number} | ${shown.join("")}`,
    `${" ".repeat(number.length)} | ${" ".repeat(displayWidth(shown.slice(0, column - 1 - start).join("")))}^`
  ]
}

const shownWidth = 72
