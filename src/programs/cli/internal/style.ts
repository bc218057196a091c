/** Colours, where there are any. */
import type { Surface } from "../../../services/command/CommandOutput.ts"

/** A way of writing a text. */
export type Paint = (text: string) => string

export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
}

/** Colours on a terminal that has them, else texts as they are. */
export const styleOf = ({ hasColours }: Surface): Style => hasColours ? coloured : plain

const escape = (on: number, off: number): Paint => (text) => `\u001b[${on}m${text}\u001b[${off}m`
const asItIs: Paint = (text) => text

const coloured: Style = {
  bold: escape(1, 22),
  dim: escape(2, 22),
  red: escape(31, 39),
  green: escape(32, 39),
  yellow: escape(33, 39)
}
const plain: Style = { bold: asItIs, dim: asItIs, red: asItIs, green: asItIs, yellow: asItIs }
