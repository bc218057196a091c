/** Compares what came of a step with what is wanted of it. */
import type { Places } from "./fixture.ts"
import { differences, isMembers, mapStrings } from "./json.ts"
import { asOutcome, type Failure, type Failures, type Outcome } from "./vector.ts"

/** Puts the scenario's paths in the place of the placeholders of a wanted outcome. */
export const inPlaces = (want: Outcome, { bin, cache, netconf, root }: Places): Outcome => {
  const places: ReadonlyArray<readonly [string, string]> = [
    ["${CNI_PATH}", bin],
    ["${NETCONF}", netconf],
    ["${CACHE}", cache],
    ["${ROOT}", root]
  ]
  return asOutcome(
    mapStrings(want, (text) => places.reduce((changed, [name, path]) => changed.replaceAll(name, path), text))
  )
}

/** What differs, in words, one entry for each place. Only operations have invocations and a cache. */
export const compare = (want: Outcome, got: Outcome): ReadonlyArray<string> => [
  ...compareEnds(want, got),
  ...(want.invocations && got.invocations ? differences(want.invocations, got.invocations, "invocations") : []),
  ...(want.cache && got.cache ? differences(want.cache, got.cache, "cache") : [])
]

const compareEnds = (want: Outcome, got: Outcome): ReadonlyArray<string> =>
  want.error !== undefined && got.error !== undefined
    ? compareErrors(want.error, got.error)
    : differences(
      { value: comparableValue(want.value, want.value), error: want.error },
      { value: comparableValue(want.value, got.value), error: got.error },
      ""
    )

const comparableValue = (want: unknown, value: unknown): unknown =>
  isMembers(want) && want["goSpecificText"] === true && isMembers(value)
    ? { code: value["code"], details: value["details"] }
    : value

const compareErrors = (want: Failure | Failures, got: Failure | Failures): ReadonlyArray<string> => {
  if ("errors" in want && "errors" in got && want.errors.length === got.errors.length) {
    return [
      ...differences(comparableText(want, want), comparableText(want, got), "error.text"),
      ...want.errors.flatMap((error, at) => compareError(error, got.errors[at] ?? { tag: "" }, `errors[${at}]`))
    ]
  }
  return "errors" in want || "errors" in got ? differences(want, got, "error") : compareError(want, got, "error")
}

const compareError = (want: Failure, got: Failure, at: string): ReadonlyArray<string> => {
  const comparable = (failure: Failure) => ({
    tag: failure.tag,
    code: failure.code,
    msg: want.goSpecificText === true ? undefined : failure.msg,
    details: failure.details ?? "",
    plugin: failure.plugin,
    text: comparableText(want, failure)
  })
  return differences(comparable(want), comparable(got), at)
}

const comparableText = (want: Failure | Failures, { text }: Failure | Failures): string | undefined =>
  want.goSpecificText === true || want.text === undefined ? undefined : text
