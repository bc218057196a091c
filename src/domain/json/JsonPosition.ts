/** Where in a text something is wrong: where it stops being JSON, which engines often do not name, or where a value is. */

/** A place in a text, for people: counted from 1, columns in characters; `text` is the line itself. */
export interface JsonPlace {
  readonly line: number
  readonly column: number
  readonly text: string
}

/** The first place at which a text is no JSON any more; nothing where it is JSON. */
export const firstError = (text: string): JsonPlace | undefined => {
  const stop = stopOf(text)
  return stop && placeOf(text, stop.at)
}

/** An offset as line and column. */
export const placeOf = (text: string, at: number): JsonPlace => {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1
  const end = text.indexOf("\n", at)
  return {
    line: text.slice(0, start).split("\n").length,
    column: at - start - (text.slice(start, at).match(pair)?.length ?? 0) + 1,
    text: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "")
  }
}

// A character outside of the first plane counts once; a line of 50 MB is not made an array of its characters.
const pair = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g

/**
 * The place of what a path like `plugins[0].ipam.type` names, in a text that is JSON; where there is no such member, the
 * object that should have it.
 */
export const placeOfPath = (text: string, path: string): JsonPlace => {
  const open: Array<Opened> = []
  let best = { length: -1, at: 0 }
  for (const { at, seen } of tokensOf(text)) {
    const inside = open.at(-1)
    if (seen === "}" || seen === "]") open.pop()
    else if (seen === ",") open.splice(-1, 1, ...(inside === undefined ? [] : [following(inside)]))
    else if (inside !== undefined && inside.path === undefined) inside.path = member(inside.of, seen)
    else if (seen !== ":") {
      const here = inside?.path ?? ""
      if (leadsTo(here, path) && here.length >= best.length) best = { length: here.length, at }
      if (seen === "{") open.push({ of: here, index: -1, path: undefined })
      if (seen === "[") open.push({ of: here, index: 0, path: `${here}[0]` })
    }
  }
  return placeOf(text, best.at)
}

/** An object or array that is being read: `path` is that of the value to come, unknown before its key; -1 in objects. */
interface Opened {
  readonly of: string
  readonly index: number
  path: string | undefined
}

const following = ({ index, of }: Opened): Opened =>
  index === -1
    ? { of, index, path: undefined }
    : { of, index: index + 1, path: `${of}[${index + 1}]` }

const member = (of: string, key: string): string => `${of}${of === "" ? "" : "."}${String(JSON.parse(key))}`

const leadsTo = (here: string, path: string): boolean =>
  here === "" || here === path || (path.startsWith(here) && /[.[]/.test(path.charAt(here.length)))

function* tokensOf(text: string) {
  for (let at = 0;;) {
    space.lastIndex = at
    space.test(text)
    const start = token.lastIndex = space.lastIndex
    const seen = token.exec(text)?.[0] ?? ""
    if (seen === "") return
    yield { at: start, seen }
    at = start + seen.length
  }
}

// Unrolled, so that a long string without an end takes no longer than one that has it.
const stringWithoutEnd = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\u0000-\u001f]*)*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)\b/
const space = /[ \t\n\r]*/y
const token = new RegExp(`([{}[\\],:])|(${stringWithoutEnd.source}")|(${scalar.source})|$`, "y")

type Expecting = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end"

interface Bracket {
  readonly mark: string
  readonly at: number
}

/**
 * Where a text stops being JSON. `opened` is the innermost bracket that is open there; `inString`: the place is inside of a
 * string, and what stands there can neither belong to it nor end it.
 */
export interface Stop {
  readonly at: number
  readonly expecting: Expecting
  readonly opened: Bracket | undefined
  readonly inString: boolean
}

/** Reads tokens with a stack of open brackets; gives the first one that cannot stand where it does. */
export const stopOf = (text: string): Stop | undefined => {
  const open: Array<Bracket> = []
  let expecting: Expecting = "value"
  for (let at = 0;;) {
    space.lastIndex = at
    space.test(text)
    const start = token.lastIndex = space.lastIndex
    const found = token.exec(text)
    const opened = open.at(-1)
    if (found === null && text[start] === "\"") {
      return { at: endOfString(text, start), expecting, opened, inString: true }
    }
    if (found === null) return { at: start, expecting, opened, inString: false }
    const [, mark, string, scalar] = found
    const next = step({ mark: mark ?? (string === undefined ? scalar ?? "" : "string"), at: start }, expecting, open)
    if (next === "done") return undefined
    if (next === "wrong") return { at: start, expecting, opened, inString: false }
    expecting = next
    at = token.lastIndex
  }
}

// The first character that is none of a string.
const endOfString = (text: string, start: number): number => {
  stringWithoutEnd.lastIndex = start
  stringWithoutEnd.test(text)
  return stringWithoutEnd.lastIndex
}

const step = (seen: Bracket, expecting: Expecting, open: Array<Bracket>): Expecting | "done" | "wrong" => {
  const wantsKey = expecting === "key" || expecting === "key or }"
  const wantsValue = expecting === "value" || expecting === "value or ]"
  switch (seen.mark) {
    case "":
      return expecting === ", or end" && open.length === 0 ? "done" : "wrong"
    case "{":
    case "[":
      if (!wantsValue) return "wrong"
      open.push(seen)
      return seen.mark === "{" ? "key or }" : "value or ]"
    case "}":
      return (expecting === "key or }" || expecting === ", or end") && open.pop()?.mark === "{" ? ", or end" : "wrong"
    case "]":
      return (expecting === "value or ]" || expecting === ", or end") && open.pop()?.mark === "["
        ? ", or end"
        : "wrong"
    case ",":
      if (expecting !== ", or end" || open.length === 0) return "wrong"
      return open.at(-1)?.mark === "{" ? "key" : "value"
    case ":":
      return expecting === ":" ? "value" : "wrong"
    case "string":
      if (wantsKey) return ":"
      return wantsValue ? ", or end" : "wrong"
    default:
      return wantsValue ? ", or end" : "wrong"
  }
}
