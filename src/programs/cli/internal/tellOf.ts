/** Tells of a failure: to a person on stderr, to a script with libcni's words in the last line, to a program as JSON. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../domain/json/Json.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
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
  const words = wordsOf(failure)
  // Scripts read the last line, as libcni has it; nobody is told one thing twice.
  const hasOwnWords = !surface.isTerminal && words !== error.message
  const message = hasOwnWords ? withoutSaid(error.message, words) : error.message
  const lines = [
    `${red(bold("error:"))} ${harmlessLines(message)}`,
    ...help.map((line) => `  ${harmlessLines(line)}`),
    ...(hasOwnWords ? ["", words] : [])
  ]
  yield* output.complain(`${lines.join("\n")}\n`)
})

/** A message without the reasons that are in the words which follow it. */
export const withoutSaid = (message: string, words: string): string =>
  words.split("\n").reduce((text, line) => {
    const reason = reasonsIn(line).find((one) => isIn(text, `: ${one}`))
    return reason === undefined ? text : text.replace(`: ${reason}`, () => "")
  }, message)

const isIn = (text: string, part: string): boolean => {
  const at = text.indexOf(part)
  return at !== -1 && /^(?:$|[.:;)])/.test(text.slice(at + part.length))
}

// `plugin type="a" failed (add): failed to open netns: no such file` has three, the longest first.
const reasonsIn = (line: string): ReadonlyArray<string> => {
  const parts = line.split(": ")
  return parts.map((_, at) => parts.slice(at).join(": ").replace(/:$/, "")).filter((reason) => reason !== "")
}
