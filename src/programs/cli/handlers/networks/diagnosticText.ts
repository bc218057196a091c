/** Renders what is wrong with configurations: for programs, and for people as compilers do. */
import * as Effect from "effect/Effect"
import type { ConfigInvalid, InvalidVersion, ValidationFailure } from "../../../../domain/errors/CniError.ts"
import type { JsonPlace } from "../../../../domain/json/JsonPosition.ts"
import type { ConfiguredNetworks } from "../../../../services/network/NetworkConfigs.ts"
import { advise, type Facts, factsFor } from "../../failure/advice.ts"
import type { Settings } from "../../flags.ts"
import { caretLines, escapeControls, labelledLines, type Style, wrap } from "../../text/text.ts"
import type { Problem } from "../views.ts"

/** Something wrong with a file: a failure or a warning, and its place if it has one. */
export interface Diagnostic {
  readonly file: string
  readonly failure?: Failure
  readonly warning?: string
  readonly place?: JsonPlace
}

type Failure = ValidationFailure | InvalidVersion | ConfigInvalid

/** A diagnostic in words, and the lines that show its place. */
export interface Rendered {
  readonly problem: Problem
  readonly caret: ReadonlyArray<string>
}

/** A file that cannot be used. */
export const brokenFile = (failure: ConfigInvalid): Diagnostic => ({
  file: failure.file ?? "",
  failure,
  ...(failure.position && { place: failure.position })
})

/** A file that is never used, because an earlier one has a network of the same name. */
export const unusedFile =
  (networks: ConfiguredNetworks["networks"]) =>
  ({ file, name }: { readonly file: string; readonly name: string }): Diagnostic => ({
    file,
    warning: `${networks.find(({ list }) => list.name === name)?.file ?? "another file"} has a network of the name ` +
      `"${name}" too, and comes first: this one is never used`
  })

/** Makes what renders some diagnostics; it looks for plugins if one of them is about a missing one. */
export const renderer = Effect.fnUntraced(function*(diagnostics: ReadonlyArray<Diagnostic>, settings: Settings) {
  const failures = diagnostics.flatMap(({ failure }) => failure === undefined ? [] : [failure])
  const facts = yield* factsFor(failures, settings, settings.places.pluginPaths)
  return (diagnostic: Diagnostic) => render(diagnostic, facts)
})

const render = ({ failure, file, place, warning = "" }: Diagnostic, facts: Facts): Rendered => ({
  problem: {
    _tag: failure?._tag ?? "Warning",
    severity: failure === undefined ? "warning" : "error",
    message: failure === undefined ? warning : messageOf(failure),
    // Its advice is the place, which is in the label and below the message.
    help: failure === undefined || failure._tag === "ConfigInvalid" ? [] : advise(failure, facts),
    file,
    ...(place && { line: place.line, column: place.column })
  },
  caret: place === undefined ? [] : caretLines(place)
})

const messageOf = (failure: Failure): string => {
  if (failure._tag !== "ConfigInvalid") return failure.message
  return failure.at === "" ? failure.explanation : `${failure.at}: ${failure.explanation}`
}

/** `FILE:LINE:COLUMN: error: …`, the line with a caret, and advice. */
export const linesOf = (
  { caret, problem }: Rendered,
  { bold, red, width, yellow }: Style
): ReadonlyArray<string> => {
  const { column, file = "", help, line, message, severity } = problem
  const paint = severity === "error" ? red : yellow
  const label = line === undefined ? file : `${file}:${line}:${column}`
  const [first = "", ...others] = labelledLines(label, bold, `${severity}: ${message}`, width)
  return [
    first.replace(`: ${severity}:`, () => `: ${paint(severity)}:`),
    ...others,
    ...caret.map((text) => `  ${text}`),
    ...help.flatMap((text) => wrap(`  ${escapeControls(text)}`, width, "    "))
  ]
}
