/** Points at a place in a text. */
import type { JsonPlace } from "../../../domain/json/JsonPlace.ts"
import { displayWidth } from "./fit.ts"
import { harmless } from "./harmless.ts"

/** A line of a text, and below it a caret at the column. */
export const pointer = ({ column, line, text }: JsonPlace): ReadonlyArray<string> => {
  const start = Math.max(0, column - 1 - window / 2)
  const shown = Array.from(text).slice(start, start + window).map((char) => harmless(char) === char ? char : " ")
  const number = `${line}`
  return [
    `${number} | ${shown.join("")}`,
    `${" ".repeat(number.length)} | ${" ".repeat(displayWidth(shown.slice(0, column - 1 - start).join("")))}^`
  ]
}

const window = 72
