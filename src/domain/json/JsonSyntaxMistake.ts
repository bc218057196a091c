/** What keeps a text from being JSON, in words for the person who wrote it; a template that was not filled in, for one. */
import { type JsonPlace, placeOf, type Stop, stopOf } from "./JsonPosition.ts"

/** `reason` says what is wrong at the place, and where that is certain what to do about it. */
export interface JsonMistake {
  readonly place: JsonPlace
  readonly reason: string
}

/** The first mistake in a text; nothing where it is JSON. */
export const firstMistake = (text: string): JsonMistake | undefined => {
  const encoding = encodingMistake(text)
  if (encoding !== undefined) return { place: placeOf(text, 0), reason: encoding }
  if (text.trim() === "") return { place: placeOf(text, 0), reason: "it is empty" }
  const stop = stopOf(text)
  if (stop === undefined) return undefined
  const template = templateAt(text, stop.at)
  if (template !== undefined) {
    return { place: placeOf(text, template.at), reason: `${template.text} is a template that was not filled in` }
  }
  return { place: placeOf(text, stop.at), reason: reasonOf(text, stop) }
}

const encodingMistake = (text: string): string | undefined => {
  if (/^(?:\uFFFD{2})?(?:\0+[^\0]|[^\0]\0)/.test(text)) return "it is no UTF-8, but looks like UTF-16: save it as UTF-8"
  return text.startsWith("\uFEFF")
    ? "it starts with a byte-order mark (U+FEFF): save it as UTF-8 without one"
    : undefined
}

const reasonOf = (text: string, stop: Stop): string => {
  const rest = text.slice(stop.at, stop.at + 200)
  if (stop.inString) return reasonInString(rest)
  if (rest === "") return unfinished(text, stop)
  return strangeCharacter(rest) ?? commentIn(rest) ?? reasonOfToken(rest, stop)
}

const reasonInString = (rest: string): string => {
  if (rest === "" || rest === "\\") return "it ends in the middle of a text in quotes: is it cut off?"
  if (rest.startsWith("\\")) {
    return `\\${firstOf(rest.slice(1))} is nothing that JSON knows: a backslash is written \\\\`
  }
  return /^[\r\n]/.test(rest)
    ? "the line ends in the middle of a text in quotes: a quote is missing, or a line feed is to be written \\n"
    : `${nameOf(rest)} in a text in quotes is to be written ${JSON.stringify(rest.charAt(0)).slice(1, -1)}`
}

const unfinished = (text: string, { opened }: Stop): string => {
  if (opened === undefined) return "it ends where a value is expected"
  const { column, line } = placeOf(text, opened.at)
  return `it ends before the ${opened.mark} of line ${line}, column ${column} is closed: is it cut off?`
}

/** What cannot be seen, or looks like something else, is told by its code point. */
const strangeCharacter = (rest: string): string | undefined => {
  const quote = /^['`\u2018-\u201F\u00AB\u00BB\u2032\u2033\uFF02]/.test(rest)
  if (quote) return `${nameOf(rest)} is no quote in JSON: write " (U+0022)`
  if (rest.startsWith("\uFFFD")) return "there are bytes that are no UTF-8: save it as UTF-8"
  return /^[^\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(rest) ? `${nameOf(rest)} does not belong there: remove it` : undefined
}

const commentIn = (rest: string): string | undefined =>
  /^(?:\/\/|\/\*|#|--|;)/.test(rest) ? "JSON has no comments: remove it" : undefined

const reasonOfToken = (rest: string, { expecting, opened }: Stop): string => {
  const token = tokenIn(rest)
  const isAfterComma = expecting === "key" || (expecting === "value" && opened?.mark === "[")
  if (isAfterComma && /^[}\]]/.test(token)) return `there is a comma too many before ${token}: remove it`
  if (/^<[!?a-zA-Z]/.test(rest)) return "it looks like XML or HTML, and is no JSON"
  if (expecting === "value" && opened === undefined) return `it begins with ${token}, where JSON begins with {`
  switch (expecting) {
    case ":":
      return `a colon is missing before ${token}`
    case ", or end":
      if (opened === undefined) return `there is more after the end of the JSON: ${token}`
      return `a comma or the end of the ${opened.mark} is missing before ${token}`
    default:
      if (token === ",") return "there is a comma too many: remove it"
      if (literals.some((literal) => literal.startsWith(rest))) {
        return `it ends in the middle of ${rest}: is it cut off?`
      }
      if (literals.includes(token.toLowerCase())) return `${token} is to be written ${token.toLowerCase()}`
      return `${token} is no ${expecting.startsWith("key") ? "key" : "value"}${
        /^[a-zA-Z_]/.test(token) ? needsQuotes : ""
      }`
  }
}

const literals = ["true", "false", "null"]

const needsQuotes = ": a text needs double quotes"

const tokenIn = (rest: string): string => {
  const [word = ""] = /^(?:"[^"\n]*"?|[\w.+-]+)/.exec(rest) ?? []
  return word === "" ? firstOf(rest) : word.length > 40 ? `${word.slice(0, 40)}…` : word
}

const firstOf = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0)

/** A character by its code point, and by its name where that is one of those which copying leaves behind. */
export const nameOf = (text: string): string => {
  const code = text.codePointAt(0) ?? 0
  const point = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`
  const name = names.get(code)
  if (name !== undefined) return `${point} (${name})`
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(text) ? `${String.fromCodePoint(code)} (${point})` : point
}

const names: ReadonlyMap<number, string> = new Map([
  [0x09, "tab"],
  [0x0a, "line feed"],
  [0x0d, "carriage return"],
  [0xa0, "no-break space"],
  [0xad, "soft hyphen"],
  [0x200b, "zero-width space"],
  [0x200c, "zero-width non-joiner"],
  [0x200d, "zero-width joiner"],
  [0x200e, "left-to-right mark"],
  [0x200f, "right-to-left mark"],
  [0x2028, "line separator"],
  [0x202f, "narrow no-break space"],
  [0x2060, "word joiner"],
  [0x3000, "ideographic space"],
  [0xfeff, "byte-order mark"],
  [0xfffd, "bytes that are no UTF-8"]
])

/** A template in a text, and the offset at which it begins. */
export interface Template {
  readonly at: number
  readonly text: string
}

// `{{ .Name }}` and `{% name %}`, `__NAME__`, `${NAME}`, `$NAME` and `$2`, `%s` and `%d`, `@NAME@`, `<NAME>`. `veth%d` is
// a name that the kernel fills in.
const template =
  /\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}|__[A-Z][A-Z0-9_]*?__|(?<![\w$])\$(?:\{[^{}\n]*\}|\([^()\n]*\)|[A-Z_][A-Z0-9_]+\b|\d\b)|(?:%(?:\d\$)?[svq]|(?<!\w)%d)(?![\w%])|@[A-Z][A-Z0-9_]+@|<[A-Z][A-Z0-9_-]*>/g

/** The first template in a text. */
export const templateIn = (text: string): string | undefined => text.match(template)?.[0]

/** The template of a text that a place is in. */
const templateAt = (text: string, at: number): Template | undefined => {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1
  const end = text.indexOf("\n", at)
  const line = text.slice(start, Math.min(end === -1 ? text.length : end, at + 1000))
  for (const { 0: found, index } of line.matchAll(template)) {
    if (start + index <= at && at < start + index + found.length) return { at: start + index, text: found }
  }
  return undefined
}
