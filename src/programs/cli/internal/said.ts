/** Sentences about something, which begin with its name. */
import { wrap } from "./fit.ts"
import { harmless } from "./harmless.ts"
import type { Paint } from "./style.ts"

/** `SUBJECT: …`, in lines that fit, with only the subject painted. */
export const said = (subject: string, paint: Paint, text: string, width: number | undefined): ReadonlyArray<string> => {
  const name = harmless(subject)
  const [first = "", ...others] = wrap(`${name}: ${harmless(text)}`, width, "    ")
  return [first.startsWith(name) ? paint(name) + first.slice(name.length) : first, ...others]
}
