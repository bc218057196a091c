/** Schemas for JSON as CNI needs it, and for values that cross a process as their JSON text; what is wrong with a value. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { isJson, isJsonObject, type Json, type JsonObject, parse, stringify } from "./Json.ts"

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

/** Any JSON value. Parsing has bounded its depth already. */
export const AnyJson = Schema.declare((value): value is Json => isJson(value, Infinity))

/** A JSON object. */
export const JsonMembers = Schema.declare((value): value is JsonObject =>
  isJson(value, Infinity) && isJsonObject(value)
)

/** A member that may be left out. As in Go, null means the same. */
export const nullable = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** A member that is `undefined` in the value where the JSON leaves it out. */
export const orUndefined = <T, E>(schema: Schema.Codec<T, E>) =>
  Schema.optionalKey(schema).pipe(
    Schema.decodeTo(Schema.UndefinedOr(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional((value: Option.Option<T>) => Option.some(Option.getOrUndefined(value))),
      encode: SchemaGetter.transformOptional((value: Option.Option<T | undefined>) =>
        Option.filter(value, (present): present is T => present !== undefined)
      )
    })
  )

/** Decodes by a function that says in words what is wrong with a value. */
export const decodedBy = <T, E>(decode: (value: E) => Result.Result<T, string>): SchemaGetter.Getter<T, E> =>
  SchemaGetter.transformEffect((value: E) =>
    Result.match(decode(value), {
      onSuccess: (decoded) => Effect.succeed(decoded),
      onFailure: (message) => Effect.fail(new SchemaIssue.InvalidValue({ message }))
    })
  )

/** A value that only functions of this library make; it is recognized by the names of its members. */
export const madeHere = <T extends object>(...members: ReadonlyArray<keyof T & string>): Schema.declare<T> =>
  Schema.declare((value): value is T =>
    typeof value === "object" && value !== null && members.every((member) => member in value)
  )

/** What a function reads from JSON, and keeps as `json`. */
export const readBy = <T extends { readonly json: JsonObject }>(
  read: (json: Json) => Result.Result<T, DecodeIssue>
): Schema.Codec<T, Json> =>
  AnyJson.pipe(Schema.decodeTo(madeHere<T>("json"), {
    decode: decodedBy((json: Json) => Result.mapError(read(json), lineOf)),
    encode: SchemaGetter.transform(({ json }: T) => json)
  }))

// What is nested deeper would overflow the stack.
const maxDepth = 2000

const JsonText = Schema.String.pipe(
  Schema.decodeTo(AnyJson, {
    decode: decodedBy((text: string) => parse(text, maxDepth)),
    encode: SchemaGetter.transform(stringify)
  })
)

/** The same values, encoded as one string: no digit of a number is lost to what parses the text around it. */
export const asText = <T, E>(schema: Schema.Codec<T, E>): Schema.Codec<T, string> =>
  JsonText.pipe(Schema.decodeTo(schema))
