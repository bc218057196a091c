/** The colours and the width of the stream that a text is written to. */
import * as Effect from "effect/Effect"
import { CommandOutput, type Surface } from "../../../services/command/CommandOutput.ts"

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
