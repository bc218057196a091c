/**
 * JSON as CNI needs it: integers of any length survive digit for digit, nesting and size are bounded, and text is
 * written the way Go's encoder writes it, so that files shared with other runtimes stay byte for byte the same.
 */
import * as Result from "effect/Result"
import { firstMistake } from "./JsonSyntaxMistake.ts"
import { defaultMaxDepth, isJson, isJsonArray, type Json, type JsonObject, pathToInfinite } from "./JsonValue.ts"
import * as V8Fault from "./V8EscapedKeyFault.ts"

export { isJson, isJsonArray, isJsonObject, type Json, type JsonObject } from "./JsonValue.ts"

/** What a text may be at most: `maxBytes` of UTF-8, `maxDepth` levels of nesting. */
export interface JsonLimits {
  readonly maxBytes: number
  readonly maxDepth: number
}

/** 16 MiB and 500 levels. */
export const defaultLimits: JsonLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: defaultMaxDepth }

/** Parses UTF-8 bytes; the failure says why they are no usable JSON, in words. */
export const parseBytes = (bytes: Uint8Array, limits: JsonLimits = defaultLimits): Result.Result<Json, string> =>
  bytes.byteLength > limits.maxBytes
    ? Result.fail(`${bytes.byteLength} bytes, which is more than the limit of ${limits.maxBytes}`)
    : parse(decodeText(bytes), limits.maxDepth)

/** Parses a text; the failure says why it is no usable JSON, in words. */
export const parse = (text: string, maxDepth: number = defaultLimits.maxDepth): Result.Result<Json, string> => {
  if (text.startsWith("\uFEFF")) return Result.fail(mistakeIn(text))
  if (isDeeperThan(text, maxDepth)) return Result.fail(`nested deeper than the limit of ${maxDepth} levels`)
  try {
    const value = read(text)
    if (!isJsonOf(text, value, maxDepth)) return Result.fail(`a number is out of range${placeOfInfinite(value)}`)
    if (!text.includes("\\")) return Result.succeed(value)
    const named = isFaulty ? withTrueKeys(text, value) : value
    return Result.succeed(mayHaveLoneSurrogates.test(text) ? wellFormed(named) : named)
  } catch {
    return Result.fail(mistakeIn(text))
  }
}

// Engines word it each in its own way, and often do not say where.
const mistakeIn = (text: string): string => {
  const mistake = firstMistake(text)
  if (mistake === undefined) return "it is no JSON"
  const { place: { column, line }, reason } = mistake
  return `it is no JSON at line ${line}, column ${column}: ${reason}`
}

// What JSON.parse gives is JSON, but for numbers too large to be one.
const isJsonOf = (text: string, value: unknown, maxDepth: number): value is Json =>
  !mayBeInfinite.test(text) || isJson(value, maxDepth)

// Such as ` at routes[0].mtu`.
const placeOfInfinite = (value: unknown): string => {
  const path = pathToInfinite(value)
  return path === undefined || path === "" ? "" : ` at ${path.replace(/^\./, "")}`
}

const mayBeInfinite = /[eE]\+?\d{3}|\d{200}/

/** Bytes as text: ill-formed UTF-8 becomes U+FFFD (as in Go), a byte-order mark stays and so is noticed. */
export const decodeText = (bytes: Uint8Array): string => utf8.decode(bytes)

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Writes a value without white space, keys sorted, `<`, `>` and `&` escaped: what Go's `json.Marshal` writes. */
export const stringify = (value: Json): string =>
  write(value).replace(goEscaped, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

const goEscaped = /[<>&\u2028\u2029]/g

const write = (value: Json): string => {
  if (typeof value === "string") return quoted(value)
  if (typeof value === "bigint") return value.toString()
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : JSON.stringify(value)
  return writeContainer(value)
}

const writeContainer = (value: ReadonlyArray<Json> | JsonObject): string => {
  let written = ""
  if (isJsonArray(value)) {
    for (const item of value) written += `${written === "" ? "" : ","}${write(item)}`
    return `[${written}]`
  }
  for (const key of inByteOrder(Object.keys(value))) {
    written += `${written === "" ? "" : ","}${quoted(key)}:${write(value[key] ?? null)}`
  }
  return `{${written}}`
}

const quoted = (text: string): string => needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text.toWellFormed())

const needsNoEscape = /^[ !#-[\]-~]*$/

/** Orders strings as their UTF-8 bytes are ordered, which is what Go does; JavaScript compares UTF-16 units. */
export const byCodePoint = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at)
    const b = right.charCodeAt(at)
    if (a !== b) return (left.codePointAt(at) ?? a) - (right.codePointAt(at) ?? b) || a - b
  }
  return left.length - right.length
}

/** Strings in that order. Without surrogates it is the order of JavaScript, which is faster. */
export const inByteOrder = (strings: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (strings.some((one) => surrogate.test(one))) return strings.toSorted(byCodePoint)
  return isInOrder(strings) ? strings : strings.toSorted()
}

const isInOrder = (strings: ReadonlyArray<string>): boolean =>
  strings.every((one, at) => at === 0 || (strings[at - 1] ?? "") <= one)

const surrogate = /[\ud800-\udfff]/

const mayHaveLoneSurrogates = /\\u[dD][89a-fA-F]/

// Half of a character cannot be written as UTF-8; as in Go, U+FFFD takes its place.
const wellFormed = (value: Json): Json => {
  if (typeof value === "string") return value.toWellFormed()
  if (typeof value !== "object" || value === null) return value
  if (isJsonArray(value)) return value.map(wellFormed)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]))
}

const isFaulty = V8Fault.hasFault()

// The first reading has shown that the text is JSON.
const withTrueKeys = (text: string, value: Json): Json => {
  const plain = V8Fault.takeOut(text)
  if (plain.text === text) return value
  const again = read(plain.text)
  return isJson(again, Infinity) ? V8Fault.putBack(again, plain.names) : value
}

const read = (text: string): unknown => mayNeedSource.test(text) ? parseLossless(text) : JSON.parse(text)

// Only numbers that long can lose digits, and not those in names and addresses.
const mayNeedSource = /(?:^|[\s:,[-])\d{16}/

const parseLossless = (text: string): unknown =>
  JSON.parse(
    text,
    (_key, value: unknown, context?: { readonly source?: string }): unknown =>
      typeof value === "number" && context?.source !== undefined ? exactNumber(value, context.source) : value
  )

const exactNumber = (value: number, source: string): number | bigint => {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return value
  const [, digits] = /^(-?\d+)(?:\.0+)?$/.exec(source) ?? []
  return digits === undefined ? value : BigInt(digits)
}

const isDeeperThan = (text: string, maxDepth: number): boolean => {
  if (!hasMoreThan(maxDepth, text)) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = V8Fault.endOfString(text, at)
        break
      case openBracket:
      case openBrace:
        if (++depth > maxDepth) return true
        break
      case closeBracket:
      case closeBrace:
        depth--
        break
    }
  }
  return false
}

// Most texts have not even as many brackets, those within strings counted.
const hasMoreThan = (count: number, text: string): boolean => {
  if (text.length <= count) return false
  let left = count
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (--left < 0) return true
  }
  return false
}

const quote = 0x22
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
