/** What was found wrong with configurations, in words: for programs, and as compilers say it. */
import * as Effect from "effect/Effect"
import type { ConfigInvalid, InvalidVersion, ValidationFailure } from "../../../domain/errors/CniError.ts"
import type { JsonPlace } from "../../../domain/json/JsonPlace.ts"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import type { ConfiguredNetworks } from "../../../services/network/NetworkConfigs.ts"
import { advise, type Facts, needsPlugins } from "./advice.ts"
import { wrap } from "./fit.ts"
import { harmless } from "./harmless.ts"
import { pointer } from "./pointer.ts"
import { pluginsAround } from "./report.ts"
import { said } from "./said.ts"
import type { Settings } from "./settings.ts"
import type { Style } from "./style.ts"
import type { Problem } from "./views.ts"

/** Something wrong with a file, at a place where one is known. */
export interface Finding {
  readonly file: string
  readonly failure?: Failure
  readonly warning?: string
  readonly place?: JsonPlace
}

type Failure = ValidationFailure | InvalidVersion | ConfigInvalid

/** A finding in words, with the line that it is about. */
export interface Worded {
  readonly problem: Problem
  readonly pointer: ReadonlyArray<string>
}

/** A file that cannot be used. */
export const brokenFile = (failure: ConfigInvalid): Finding => ({
  file: failure.file ?? "",
  failure,
  ...(failure.position && { place: failure.position })
})

/** A file whose network another file has already. */
export const unusedFile =
  (networks: ConfiguredNetworks["networks"]) =>
  ({ file, name }: { readonly file: string; readonly name: string }): Finding => ({
    file,
    warning: `${networks.find(({ list }) => list.name === name)?.file ?? "another file"} has a network of the name ` +
      `"${name}" too, and comes first: this one is never used`
  })

/** Puts findings into words; what there is to know about plugins is found out where one is missing. */
export const wording = Effect.fnUntraced(function*(findings: ReadonlyArray<Finding>, settings: Settings) {
  const isMissing = findings.some(({ failure }) => failure !== undefined && needsPlugins(failure))
  const around = isMissing ? yield* pluginsAround(settings.places.pluginPaths) : { searched: [], elsewhere: [] }
  const facts: Facts = { userId: yield* (yield* CommandHost).userId, directories: settings, ...around }
  return (finding: Finding) => worded(finding, facts)
})

const worded = ({ failure, file, place, warning = "" }: Finding, facts: Facts): Worded => ({
  problem: {
    _tag: failure?._tag ?? "Warning",
    severity: failure === undefined ? "warning" : "error",
    message: failure === undefined ? warning : messageOf(failure),
    // The place stands in front of the message, and the line below it.
    help: failure === undefined || failure._tag === "ConfigInvalid" ? [] : advise(failure, facts),
    file,
    ...(place && { line: place.line, column: place.column })
  },
  pointer: place === undefined ? [] : pointer(place)
})

const messageOf = (failure: Failure): string => {
  if (failure._tag !== "ConfigInvalid") return failure.message
  return failure.at === "" ? failure.explanation : `${failure.at}: ${failure.explanation}`
}

/** `FILE:LINE:COLUMN: error: …`, the line with a caret, and help. */
export const linesOf = (
  { pointer, problem }: Worded,
  { bold, red, yellow }: Style,
  width: number | undefined
): ReadonlyArray<string> => {
  const { column, file = "", help, line, message, severity } = problem
  const paint = severity === "error" ? red : yellow
  const [first = "", ...others] = said(
    line === undefined ? file : `${file}:${line}:${column}`,
    bold,
    `${severity}: ${message}`,
    width
  )
  return [
    first.replace(`: ${severity}:`, () => `: ${paint(severity)}:`),
    ...others,
    ...pointer.map((text) => `  ${text}`),
    ...help.flatMap((text) => wrap(`  ${harmless(text)}`, width, "    "))
  ]
}
