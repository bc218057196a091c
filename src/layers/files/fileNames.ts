/** Names of files, which can be bytes that are no UTF-8: shown with escapes (`caf\xe9`), and found by what is shown. */
import * as Buffers from "node:buffer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { inByteOrder } from "../../domain/json/Json.ts"

/** The names in a directory, in the order of their bytes. Throws what the system says. */
export const namesIn = (directory: string): ReadonlyArray<string> => {
  const place = locate(directory)
  const names = Fs.readdirSync(place)
  if (!names.some((name) => name.includes(replacement))) return inByteOrder(names)
  return Fs.readdirSync(place, "buffer").toSorted((left, right) => left.compare(right)).map(shown)
}

/** The path of a file for the system. Names that are no UTF-8 may be given as they are shown, or as Node decodes them. */
export const locate = (path: string): string | Buffer => {
  if (!path.includes(replacement) && !path.includes("\\x")) return path
  const [first = "", ...names] = path.split(Path.sep)
  return names.reduce((above, name) => Buffer.concat([above, separator, bytesOf(above, name)]), Buffer.from(first))
}

const replacement = "\uFFFD"
const separator = Buffer.from(Path.sep)

// A file that has the very name comes first.
const bytesOf = (above: Buffer, name: string): Buffer => {
  const exact = Buffer.from(name)
  if (!name.includes(replacement) && !name.includes("\\x")) return exact
  const all = entriesOf(Buffer.concat([above, separator]))
  if (all.some((one) => one.equals(exact))) return exact
  return all.find((one) => shown(one) === name || one.toString() === name) ?? exact
}

const entriesOf = (directory: Buffer): ReadonlyArray<Buffer> => {
  try {
    return Fs.readdirSync(directory, "buffer")
  } catch {
    // Opening the file says why.
    return []
  }
}

const shown = (name: Buffer): string => {
  if (Buffers.isUtf8(name)) return name.toString()
  let text = ""
  for (let at = 0; at < name.length;) {
    const length = [1, 2, 3, 4].find((length) => Buffers.isUtf8(name.subarray(at, at + length))) ?? 0
    text += length === 0 ? `\\x${name.toString("hex", at, at + 1)}` : name.toString("utf8", at, at + length)
    at += Math.max(length, 1)
  }
  return text
}
