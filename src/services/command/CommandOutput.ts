/** Where a command writes, and what those places can show. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** A stream that is written to. `columns` is the width of a terminal; elsewhere there is none. */
export interface Surface {
  readonly isTerminal: boolean
  readonly hasColours: boolean
  readonly columns: number | undefined
}

export class CommandOutput extends Context.Service<CommandOutput, {
  /**
   * Writes results, as they are: no line feed is added. Gives whether that could be done, and says on stderr why not; a
   * reader that has gone away has had what it wanted.
   */
  readonly write: (text: string) => Effect.Effect<boolean>
  /** Writes to stderr what is no result. */
  readonly complain: (text: string) => Effect.Effect<void>
  readonly stdout: Effect.Effect<Surface>
  readonly stderr: Effect.Effect<Surface>
}>()("effect-cni/services/CommandOutput") {}
