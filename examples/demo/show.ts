/** How the demo looks: headings and aligned rows in 80 columns, in colour where the terminal wants it. */
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"
import { stripVTControlCharacters, styleText } from "node:util"

const width = 80
const nameWidth = 16

// styleText leaves colours out by itself where stdout is no terminal or NO_COLOR is set.
export const strong = (text: string): string => styleText("bold", text)
export const dim = (text: string): string => styleText("dim", text)
export const good = (text: string): string => styleText("green", text)
export const bad = (text: string): string => styleText("red", text)

/** The first line. */
export const title = (text: string): Effect.Effect<void> => Console.log(`\n${strong(text)}`)

/** The heading of a part of the story, and in one sentence what happens in it. */
export const section = (heading: string, text: string): Effect.Effect<void> =>
  Console.log(`\n${styleText(["bold", "cyan"], heading)}  ${text}\n`)

/** A line of the story; `right` stands at its end. */
export const line = (left: string, right = ""): Effect.Effect<void> => {
  const gap = width - length(left) - length(right) - 2
  return Console.log(`  ${left}${right === "" ? "" : " ".repeat(Math.max(1, gap)) + right}`)
}

/** A text on its own, broken into lines between its words. */
export const paragraph = (text: string): Effect.Effect<void> =>
  Console.log(`\n${text.replace(/(\S.{0,76}\S|\S)(\s+|$)/g, "  $1\n")}`)

/** A text of several lines, as it is. */
export const block = (text: string): Effect.Effect<void> => Console.log(text.trimEnd().replace(/^/gm, "  "))

/** A name and its value, cut where the line ends; `mark` stands before both. */
export const row = (name: string, value: string, mark = ""): Effect.Effect<void> => {
  const start = `${mark}${name.padEnd(nameWidth)}`
  const room = width - start.length - 2
  return line(dim(start) + (value.length > room ? `${value.slice(0, room - 1)}…` : value))
}

const length = (text: string): number => stripVTControlCharacters(text).length
