/** Reads configurations of any kind, and says what is wrong with one, where, and what to do about it. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigInvalid } from "../errors/CniError.ts"
import { decodeText, type Json, type JsonLimits, parseBytes } from "../json/Json.ts"
import type { DecodeIssue } from "../json/JsonCodec.ts"
import { placeOfPath } from "../json/JsonPosition.ts"
import { firstMistake, nameOf, templateIn } from "../json/JsonSyntaxMistake.ts"

/** Parses bytes within limits, and reads what they hold. */
export const readConfig = <A>(
  kind: ConfigInvalid["kind"],
  bytes: Uint8Array,
  limits: JsonLimits,
  read: (json: Json) => Result.Result<A, DecodeIssue>
): Effect.Effect<A, ConfigInvalid> =>
  parseBytes(bytes, limits).pipe(
    Result.mapError((reason) => unreadable(kind, bytes, limits, reason)),
    Result.flatMap((json) => Result.mapError(read(json), (issue) => unusable(kind, bytes, issue))),
    Effect.fromResult
  )

const unusable = (kind: ConfigInvalid["kind"], bytes: Uint8Array, issue: DecodeIssue) =>
  new ConfigInvalid({ kind, ...issue, position: placeOfPath(decodeText(bytes), issue.at) })

const unreadable = (kind: ConfigInvalid["kind"], bytes: Uint8Array, { maxBytes }: JsonLimits, reason: string) => {
  const mistake = bytes.byteLength > maxBytes ? undefined : firstMistake(decodeText(bytes))
  return new ConfigInvalid({
    kind,
    at: "",
    reason,
    ...(mistake && { reason: mistake.reason, position: mistake.place })
  })
}

/** The names that are a few keys away from one, nearest first, at most three. */
export const similarTo = (name: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const limit = Math.ceil(name.length / 3)
  return [...new Set(names)]
    .map((candidate) => ({ candidate, distance: distance(name, candidate) }))
    .filter(({ distance }) => distance > 0 && distance <= limit)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** What to do where a member is missing that was perhaps mistyped, in another case or with a character that cannot be seen. */
export const mistypedMember = (wanted: string, members: object): string | undefined => {
  const [nearest] = similarTo(wanted, Object.keys(members))
  return nearest === undefined ? undefined : `there is ${JSON.stringify(nearest)}: write it ${JSON.stringify(wanted)}`
}

/** Levenshtein's: how many characters must be inserted, deleted or replaced. */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [at, char] of Array.from(left).entries()) {
    const next = [at + 1]
    for (const [index, other] of Array.from(right).entries()) {
      const replaced = (row[index] ?? 0) + (char === other ? 0 : 1)
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** What to do about a network without a name. */
export const needsName = `write "name": "NAME" into it`

/** What to do about a name that no network can have. */
export const nameHint = (name: string): string => {
  if (name === "") return needsName
  const template = templateIn(name)
  if (template !== undefined) return `${template} is a template that was not filled in`
  const [strange] = /[^a-zA-Z0-9_.-]/u.exec(name) ?? []
  return strange === undefined
    ? "it must begin with a letter or a digit"
    : `${nameOf(strange)} is none of letters, digits, "_", "." and "-"`
}
