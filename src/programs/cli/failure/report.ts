/** Reports a failure: to a person on stderr, to a script with libcni's words in the last line, to a program as JSON. */
import * as Effect from "effect/Effect"
import { type JsonObject, stringify } from "../../../domain/json/Json.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { settingsOf, type SharedFlags } from "../flags.ts"
import { escapeControlsInLines, styleOf } from "../text/text.ts"
import { advise, type Facts, factsFor } from "./advice.ts"
import { failed } from "./envelope.ts"
import { errorOf, type Failure, wordsOf } from "./failure.ts"

/** Writes what went wrong in a command, and what to do about it. `members` is what else the envelope has. */
export const report = Effect.fnUntraced(function*(
  command: string,
  flags: SharedFlags,
  failure: Failure,
  members: JsonObject
) {
  const pluginPaths = yield* settingsOf(flags).pipe(
    Effect.map(({ places }) => places.pluginPaths),
    Effect.orElseSucceed((): ReadonlyArray<string> => [])
  )
  const facts = yield* factsFor([errorOf(failure)], flags, pluginPaths)
  yield* renderFailure(failure, { command, facts, isJson: flags.json, members })
})

/** The same, with the facts about the host that the advice is made of. */
export const renderFailure = Effect.fnUntraced(function*(
  failure: Failure,
  { command, facts, isJson, members = {} }: {
    readonly command: string
    readonly facts: Facts
    readonly isJson: boolean
    readonly members?: JsonObject
  }
) {
  const output = yield* CommandOutput
  const error = errorOf(failure)
  const help = advise(error, facts)
  if (isJson) {
    return void (yield* output.write(`${stringify({ ...failed(command, failure, help), ...members })}\n`))
  }
  if (error._tag === "Interrupted") return yield* output.complain(`${error.message}\n`)
  const surface = yield* output.stderr
  const { bold, red } = styleOf(surface)
  const words = wordsOf(failure)
  // Scripts read the last line, as libcni has it; the message above it leaves out what that line says.
  const hasOwnWords = !surface.isTerminal && words !== error.message
  const message = hasOwnWords ? withoutReasons(error.message, words) : error.message
  const lines = [
    `${red(bold("error:"))} ${escapeControlsInLines(message)}`,
    ...help.map((line) => `  ${escapeControlsInLines(line)}`),
    ...(hasOwnWords ? ["", words] : [])
  ]
  yield* output.complain(`${lines.join("\n")}\n`)
})

/** A message without the reasons that the words after it repeat. */
const withoutReasons = (message: string, words: string): string =>
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
