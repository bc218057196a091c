/**
 * Tells at a glance what JSON looks like. A schema takes a tenth of a millisecond to find out that there is nothing to
 * change in a result; what has the usual shape is therefore not shown to it. It reads all else, and says what is wrong.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./Json.ts"

/** Whether a value has a shape; `undefined` is a member that is not there. */
export interface Shape<A extends Json> {
  (value: Json | undefined): value is A
}

/** The values that have a shape. */
export type Of<S> = S extends Shape<infer A> ? A : never

export const text = (value: Json | undefined): value is string => typeof value === "string"

export const nonEmptyText = (value: Json | undefined): value is string => typeof value === "string" && value !== ""

/** One of some texts. */
export const oneOf = <const A extends string>(texts: ReadonlyArray<A>): Shape<A> => {
  const known: ReadonlySet<Json | undefined> = new Set(texts)
  return (value): value is A => known.has(value)
}

export const boolean = (value: Json | undefined): value is boolean => typeof value === "boolean"

export const number = (value: Json | undefined): value is number => typeof value === "number"

export const integer = (value: Json | undefined): value is number => Number.isSafeInteger(value)

export const object: Shape<JsonObject> = isJsonObject

/** A list of values of one shape. */
export const listOf = <A extends Json>(item: Shape<A>): Shape<ReadonlyArray<A>> => (value): value is ReadonlyArray<A> =>
  isJsonArray(value) && value.every(item)

/** A list that is not empty. */
export const nonEmptyListOf = <A extends Json>(item: Shape<A>): Shape<ReadonlyArray<A>> => {
  const list = listOf(item)
  return (value): value is ReadonlyArray<A> => list(value) && value.length > 0
}

/** A list of two. */
export const pairOf = <A extends Json>(item: Shape<A>): Shape<readonly [A, A]> => (value): value is readonly [A, A] =>
  isJsonArray(value) && value.length === 2 && value.every(item)

/** What has one of some shapes. */
export const oneShapeOf = <const Alternatives extends ReadonlyArray<Shape<Json>>>(
  ...shapes: Alternatives
): Shape<Of<Alternatives[number]>> =>
(value): value is Of<Alternatives[number]> => shapes.some((shape) => shape(value))

type Shapes = Readonly<Record<string, Shape<Json>>>

type Members<Required extends Shapes, Optional extends Shapes> =
  & { readonly [Name in keyof Required]: Of<Required[Name]> }
  & { readonly [Name in keyof Optional]?: Of<Optional[Name]> }
  & JsonObject

/** An object with some members, some that it may have, and no others. */
export const objectOf = <Required extends Shapes, Optional extends Shapes>(
  required: Required,
  optional: Optional
): Shape<Members<Required, Optional>> => {
  const members = objectWith(required, optional)
  const names = new Set([...Object.keys(required), ...Object.keys(optional)])
  return (value): value is Members<Required, Optional> =>
    members(value) && Object.keys(value).every((name) => names.has(name))
}

/** An object with some members, and some that it may have; others can be anything. */
export const objectWith = <Required extends Shapes, Optional extends Shapes>(
  required: Required,
  optional: Optional
): Shape<Members<Required, Optional>> => {
  const needed = Object.entries(required)
  const possible = Object.entries(optional)
  return (value): value is Members<Required, Optional> =>
    isJsonObject(value) &&
    needed.every(([name, shape]) => Object.hasOwn(value, name) && shape(value[name])) &&
    possible.every(([name, shape]) => !Object.hasOwn(value, name) || shape(value[name]))
}
