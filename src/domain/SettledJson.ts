/** JSON that nobody changes any more: configurations and results, which are written for each plugin and file anew. */
import type { Json } from "./Json.ts"

const texts = new WeakMap<object, string | undefined>()

/** Says of a value that nobody else has it, so many levels deep; gives it. Its text is made once. */
export const settled = <A extends Json>(value: A, levels = 1): A => {
  if (typeof value !== "object" || value === null) return value
  if (!texts.has(value)) texts.set(value, undefined)
  if (levels > 1) { for (const member of Object.values(value)) settled(member, levels - 1) }
  return value
}

/** Whether nobody changes a value any more. */
export const isSettled = (value: object): boolean => texts.has(value)

/** The text of a value: the one that was made before, if it is settled. */
export const textOf = <A extends object>(value: A, write: (value: A) => string): string => {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = write(value)
  if (texts.has(value)) texts.set(value, text)
  return text
}
