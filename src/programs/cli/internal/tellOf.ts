/** Tells of a failure: to a person on stderr, help first and libcni's words last; to a program as JSON on stdout. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../domain/Json.ts"
import { CommandOutput } from "../../../services/CommandOutput.ts"
import { advise, type Facts } from "./advice.ts"
import { failed, lineOf } from "./envelope.ts"
import { errorOf, type Failure, wordsOf } from "./failure.ts"
import { harmlessLines } from "./harmless.ts"
import { styleOf } from "./style.ts"

/** Which command failed, what is known of the host, and what else the envelope has. */
export interface Telling {
  readonly command: string
  readonly facts: Facts
  readonly isJson: boolean
  readonly members?: JsonObject
}

/** Writes what went wrong in a command, and what to do about it. */
export const tellOf = Effect.fnUntraced(function*(
  failure: Failure,
  { command, facts, isJson, members = {} }: Telling
) {
  const output = yield* CommandOutput
  const error = errorOf(failure)
  const help = advise(error, facts)
  if (isJson) return void (yield* output.write(lineOf({ ...failed(command, failure, help), ...members })))
  if (error._tag === "Interrupted") return yield* output.complain(`${error.message}\n`)
  const surface = yield* output.stderr
  const { bold, red } = styleOf(surface)
  const words = surface.isTerminal ? harmlessLines(wordsOf(failure)) : wordsOf(failure)
  const lines = [
    `${red(bold("error:"))} ${harmlessLines(error.message)}`,
    ...help.map((line) => `  ${harmlessLines(line)}`)
  ]
  // Scripts read the last line, as libcni has it.
  yield* output.complain(`${lines.join("\n")}\n\n${words}\n`)
})
