/** Templates of a deployment that were not filled in. */

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
export const templateAt = (text: string, at: number): Template | undefined => {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1
  const end = text.indexOf("\n", at)
  const line = text.slice(start, Math.min(end === -1 ? text.length : end, at + 1000))
  for (const { 0: found, index } of line.matchAll(template)) {
    if (start + index <= at && at < start + index + found.length) return { at: start + index, text: found }
  }
  return undefined
}
