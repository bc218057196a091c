/** Lines of a text: those with a label, and those that show a place in a file. */
import type { JsonPlace } from "../../../domain/json/JsonPlace.ts"
import { escapeControls } from "./escape.ts"
import type { Paint } from "./style.ts"
import { displayWidth, wrap } from "./width.ts"

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
