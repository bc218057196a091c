/**
 * A way around a fault of V8 (Node 24.21 has it, Node 20 has not): once `JSON.parse` has seen a key that holds a
 * backslash, it can take an escaped key at the same place of another object for that one, so that a member is lost under
 * a name that nothing has. Where the fault is, texts are read with stand-ins for such keys, which get their names back.
 */
import type { Json } from "./JsonValue.ts"

/** A text that says the same with no escape in any key, and the names that stand-ins of its keys stand for. */
export interface PlainKeys {
  readonly text: string
  readonly names: ReadonlyMap<string, string>
}

/**
 * Whether V8 has the fault. The first key is one that no other object has, because V8 guesses a key by the only one that
 * has followed before.
 */
export const hasFault = (): boolean => {
  const first = `${Math.random()}`
  JSON.parse(`{"${first}":0,"\\\\":0}`)
  const read: unknown = JSON.parse(`{"${first}":0,"\\n":0}`)
  return typeof read === "object" && read !== null && !("\n" in read)
}

/** Takes the escapes out of the keys of a text that is known to be JSON. */
export const takeOut = (text: string): PlainKeys => {
  const keys = escapedKeys(text)
  let mark = "\uE000"
  while (text.includes(mark) || keys.some((key) => key.name.includes(mark))) mark += "\uE000"
  const standIns = new Map<string, string>()
  let plain = ""
  let done = 0
  for (const { end, name, start } of keys) {
    const literal = JSON.stringify(name)
    const standIn = standIns.get(name) ?? `${mark}${standIns.size}`
    if (literal.includes("\\")) standIns.set(name, standIn)
    plain += text.slice(done, start) + (literal.includes("\\") ? `"${standIn}"` : literal)
    done = end
  }
  return { text: plain + text.slice(done), names: new Map([...standIns].map(([name, standIn]) => [standIn, name])) }
}

/** Gives the keys that stand-ins stand for their names back. */
export const putBack = (value: Json, names: ReadonlyMap<string, string>): Json => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => putBack(item, names))
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, Json]) => [names.get(key) ?? key, putBack(member, names)])
  )
}

/** The index of the quote that ends the string that starts at `start`. */
export const endOfString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at++
  }
  return text.length
}

const escapedKeys = (text: string): ReadonlyArray<{ start: number; end: number; name: string }> => {
  const keys: Array<{ start: number; end: number; name: string }> = []
  for (let start = text.indexOf("\""); start !== -1; start = text.indexOf("\"", start)) {
    const end = endOfString(text, start) + 1
    const literal = text.slice(start, end)
    if (literal.includes("\\") && isKey(text, end)) keys.push({ start, end, name: String(JSON.parse(literal)) })
    start = end
  }
  return keys
}

const isKey = (text: string, end: number): boolean => {
  let at = end
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++
  return text.charAt(at) === ":"
}

const quote = 0x22
const backslash = 0x5c
