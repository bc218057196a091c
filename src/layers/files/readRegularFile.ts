/**
 * Files of directories in which anything may lie. What is no regular file is not opened: a FIFO keeps its reader waiting, and
 * a device may act when it is opened. Of a regular file no more is read than the limit.
 */
import * as Buffers from "node:buffer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf, orElse } from "../../domain/errors/SystemError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import { type FileIdentity, identityOf, withFile } from "./openFile.ts"
import { wordsOf } from "./systemErrors.ts"

/** What stands in a file; or that there is none; or why it is not read, with the errno where the system says so. */
export type Reading =
  | { readonly _tag: "Present"; readonly bytes: Uint8Array }
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Unusable"; readonly issue: string; readonly errno?: string }

/** How much is read of a file, in bytes, whether links are followed, and what else makes a file unusable. */
export interface Rules {
  readonly maxBytes: number
  readonly links: "follow" | "refuse"
  readonly issueOf?: (stats: Fs.Stats) => string | undefined
}

/** Throws what the system says, unless that is that there is no such file. A directory is none to be read (EISDIR). */
export const read = (path: string, rules: Rules): Reading => {
  const place = locate(path)
  try {
    const found = rules.links === "follow" ? Fs.statSync(place) : Fs.lstatSync(place)
    const isPipe = found.isFIFO() && isOurDescriptor.test(path)
    const issue = (isPipe ? undefined : issueOfKind(found)) ?? rules.issueOf?.(found) ??
      (found.isFile() ? issueOfSize(found.size, rules) : undefined)
    if (issue !== undefined) return { _tag: "Unusable", issue }
    const bytes = readUpTo(place, found.size, { ...rules, isPipe })
    const tooMany = issueOfSize(bytes.byteLength, rules)
    return tooMany === undefined ? { _tag: "Present", bytes } : { _tag: "Unusable", issue: tooMany }
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    const target = linkAt(place)
    return target === undefined
      ? { _tag: "Absent" }
      : { _tag: "Unusable", issue: `it is a link to ${target}: ${wordsOf(error)}`, errno: codeOf(error) }
  }
}

/**
 * The identity of a regular file; nothing where there is no file. Throws where something else has that path: `EISDIR` for a
 * directory, else `NotRegular`.
 */
export const identifyRegular = (path: string): FileIdentity | undefined => {
  const found = Fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined || found.isFile()) return found && identityOf(found)
  const code = found.isDirectory() ? "EISDIR" : "NotRegular"
  throw Object.assign(new Error(`it is ${kindOf(found)}, not a regular file`), { code })
}

/** Adds a text to a file, which is made if need be (mode 0600), and waits until it is on disk. */
export const append = (path: string, text: string): void => {
  identifyRegular(path)
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = Fs.constants
  withFile(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, (descriptor) => {
    Fs.writeFileSync(descriptor, text)
    Fs.fsyncSync(descriptor)
  }, 0o600)
}

/** Why something is no regular file; nothing where it is one. Of a directory the system says so itself (EISDIR). */
export const issueOfKind = (stats: Fs.Stats): string | undefined => {
  if (stats.isFile() || stats.isDirectory()) return undefined
  return `it is ${kindOf(stats)}, not a regular file`
}

/** What kind of file something is that is no regular file. */
export const kindOf = (stats: Fs.Stats | Fs.BigIntStats): string => {
  if (stats.isDirectory()) return "a directory"
  if (stats.isFIFO()) return "a FIFO"
  if (stats.isSocket()) return "a socket"
  if (stats.isSymbolicLink()) return "a symbolic link"
  return stats.isBlockDevice() ? "a block device" : "a character device"
}

const issueOfSize = (size: number, { maxBytes }: Rules): string | undefined =>
  size > maxBytes ? `it has ${size} bytes, which is more than the limit of ${maxBytes}` : undefined

// Another file may have taken its place since, and it may grow meanwhile.
const readUpTo = (
  place: string | Buffer,
  size: number,
  { isPipe, links, maxBytes }: Rules & { readonly isPipe: boolean }
): Uint8Array => {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = Fs.constants
  const flags = (isPipe ? 0 : O_NONBLOCK) | (links === "follow" ? 0 : O_NOFOLLOW)
  return withFile(place, O_RDONLY | flags, (descriptor) => {
    let bytes = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1)
    for (let length = 0;;) {
      const count = Fs.readSync(descriptor, bytes, length, bytes.byteLength - length, null)
      length += count
      if (count === 0 || length > maxBytes) return bytes.subarray(0, length)
      if (length === bytes.byteLength) {
        bytes = Buffer.concat([bytes], Math.min(2 * length + pageBytes, maxBytes + 1))
      }
    }
  })
}

const pageBytes = 4096

// What the shell has opened for us is there to be read, and waited for: `validate /dev/stdin`, or `validate <(…)`.
const isOurDescriptor = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/

/** What a link leads to; nothing where there is no link. */
export const linkAt = (place: string | Buffer): string | undefined => orElse(undefined, () => Fs.readlinkSync(place))

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

// Where they cannot be listed, opening the file says why.
const entriesOf = (directory: Buffer): ReadonlyArray<Buffer> =>
  orElse<ReadonlyArray<Buffer>>([], () => Fs.readdirSync(directory, "buffer"))

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
