/** What is wrong with a decoded value, and where, in words for people. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** `at` is the place, such as `ips[0].address`, empty for the whole; `reason` what is wrong there, `hint` what to do. */
export interface DecodeIssue {
  readonly at: string
  readonly reason: string
  readonly hint?: string
}

/** An issue in one line. */
export const lineOf = ({ at, reason }: DecodeIssue): string => at === "" ? reason : `${at}: ${reason}`

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Decodes a value; of several things that are wrong, the first is reported. */
export const decode = <T, E>(
  schema: Schema.Codec<T, E>,
  value: unknown
): Result.Result<T, DecodeIssue> =>
  Schema.decodeUnknownResult(schema)(value).pipe(Result.mapError(({ issue }) => {
    const first = format(issue).issues[0]
    return { at: place(first?.path ?? []), reason: inWords(first?.message ?? "it cannot be decoded") }
  }))

// Of a schema's own messages: `Expected array | null`, `Missing key`. That null is taken is nothing to do about it.
const inWords = (message: string): string => {
  if (message === "Missing key") return "is missing"
  const expected = /^Expected (.+?)(?: \| bigint)?(?: \| null)?$/.exec(message)?.[1]
  return expected === undefined ? message : `must be ${withArticle.get(expected) ?? expected}`
}

const withArticle: ReadonlyMap<string, string> = new Map([
  ["array", "an array"],
  ["object", "an object"],
  ["string", "a string"],
  ["number", "a number"],
  ["boolean", "true or false"]
])

const place = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path.map((segment) => typeof segment === "object" ? segment.key : segment).reduce<string>(
    (text, key) => typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`,
    ""
  )
