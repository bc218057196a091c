/** JSON as the vectors compare it: numbers are 64-bit floats, the order of members does not matter. */

/** The value of a text, or the text itself where it is no JSON. */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

/** Whether a value is an object with members. */
export const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a value is an array; the elements stay unknown. */
export const isArray = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)

/** The value with its strings changed. */
export const mapStrings = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === "string") return change(value)
  if (isArray(value)) return value.map((item) => mapStrings(item, change))
  if (!isMembers(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [change(key), mapStrings(member, change)]))
}

/** Where two values differ, in words; empty where they do not. */
export const differences = (want: unknown, got: unknown, at: string): ReadonlyArray<string> => {
  if (isArray(want) && isArray(got) && want.length === got.length) {
    return want.flatMap((item, index) => differences(item, got[index], `${at}[${index}]`))
  }
  if (isMembers(want) && isMembers(got)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(got)])].sort()
    return keys.flatMap((key) => differences(member(want, key), member(got, key), `${at}.${key}`))
  }
  return scalar(want) === scalar(got) ? [] : [`${at}: want ${show(want)}\n${" ".repeat(at.length)}   got ${show(got)}`]
}

const member = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined

const scalar = (value: unknown): unknown => typeof value === "bigint" ? Number(value) : value

const show = (value: unknown): string =>
  value === undefined
    ? "nothing"
    : JSON.stringify(value, (_key, inner: unknown) => typeof inner === "bigint" ? Number(inner) : inner).slice(0, 600)
