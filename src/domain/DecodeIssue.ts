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

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Decodes a value; of several things that are wrong, the first is reported. */
export const decode = <T, E>(
  schema: Schema.Codec<T, E>,
  value: unknown
): Result.Result<T, DecodeIssue> =>
  Schema.decodeUnknownResult(schema)(value).pipe(Result.mapError(({ issue }) => {
    const first = format(issue).issues[0]
    return { at: place(first?.path ?? []), reason: first?.message ?? "it cannot be decoded" }
  }))

const place = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path.map((segment) => typeof segment === "object" ? segment.key : segment).reduce<string>(
    (text, key) => typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`,
    ""
  )
