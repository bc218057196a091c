/** How messages quote a text: cut short, as one word of a shell, or as Go does. */

/** The beginning of a text: 100 characters at the most. */
export const excerptOf = (text: string): string => text.length <= 100 ? text : `${text.slice(0, 99)}…`

/** Quotes as Go's `%q` does: what cannot be printed is escaped, all other characters stay. */
export const goQuote = (text: string): string =>
  `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => goEscapes.get(char) ?? hexEscape(char))}"`

const goEscapes: ReadonlyMap<string, string> = new Map([
  [`"`, `\\"`],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"]
])

const hexEscape = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`
}

/** A text as one word of a shell (bash, zsh, ksh), which reads it as it is. */
export const shellWord = (text: string): string => {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text
  // A control character would be acted upon by the terminal before a shell sees it.
  return /\p{C}/u.test(text)
    ? `$'${text.replaceAll(/[\\']|\p{C}/gu, escaped)}'`
    : `'${text.replaceAll("'", `'\\''`)}'`
}

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  return /\p{C}/u.test(char) ? `\\U${code.toString(16).padStart(8, "0")}` : `\\${char}`
}
