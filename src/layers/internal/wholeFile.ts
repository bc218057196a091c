/** Writes files that are there whole or not at all, and finds what writers left that died before that. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf } from "./ioError.ts"
import { isRunning, startTimeOf } from "./processIdentity.ts"

/** A name for a draft, which says whose it is. */
export const draftName = (): string => `${ourPrefix()}${(drafted++).toString(36)}.tmp`

let drafted = 0
let prefix: string | undefined

const ourPrefix = () => prefix ??= `${process.pid}-${startTimeOf(process.pid)}-${unique()}-`

const unique = () => Math.floor(performance.timeOrigin + performance.now()).toString(36)

/** Removes the drafts of a directory whose writers are gone. One that is taken for gone by mistake writes it again. */
export const sweepDrafts = (directory: string): void => {
  for (const name of Fs.existsSync(directory) ? Fs.readdirSync(directory) : []) {
    const [, pid, startTime] = /^\.?(\d+)-(\d*)-[\da-z]+-[\da-z]+\.tmp$/.exec(name) ?? []
    if (pid === undefined || startTime === undefined) continue
    if (!isRunning(Number(pid), startTime)) Fs.rmSync(Path.join(directory, name), { force: true })
  }
}

/** Makes a file of a draft, unless there is one of that name: then it gives false. `durable` is for power loss. */
export const createWhole = (
  file: string,
  text: string,
  { drafts, durable }: { readonly drafts: string; readonly durable: boolean }
): boolean => {
  const draft = Path.join(drafts, draftName())
  try {
    write(draft, text, durable)
    return link(draft, file, text, durable)
  } finally {
    removeIfThere(draft)
  }
}

/** Removes a file, in one call where `rm` makes three. */
export const removeIfThere = (file: string): void => {
  try {
    Fs.unlinkSync(file)
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
  }
}

/** The same for what may as well stay, where the file system does not let go of it. */
export const removeUnlessRefused = (file: string): void => {
  try {
    Fs.unlinkSync(file)
  } catch {
    // It has nothing in it.
  }
}

const write = (file: string, text: string, durable: boolean) => {
  const descriptor = Fs.openSync(file, "wx", 0o600)
  try {
    Fs.writeFileSync(descriptor, text)
    if (durable) Fs.fsyncSync(descriptor)
  } finally {
    Fs.closeSync(descriptor)
  }
}

const link = (draft: string, file: string, text: string, durable: boolean): boolean => {
  try {
    Fs.linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false
    if (!withoutLinks.has(codeOf(error))) throw error
    return createInPlace(file, text, durable)
  }
  if (durable) syncDirectory(Path.dirname(file))
  return true
}

const withoutLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"])

// Some file systems have no links: a crash can then leave an empty file.
const createInPlace = (file: string, text: string, durable: boolean): boolean => {
  try {
    write(file, text, durable)
    if (durable) syncDirectory(Path.dirname(file))
    return true
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false
    Fs.rmSync(file, { force: true })
    throw error
  }
}

/** Adds a line to a file that there is: all of it, or nothing where the disk is full. */
export const append = (file: string, text: string, durable: boolean): void => {
  const descriptor = Fs.openSync(file, Fs.constants.O_RDWR | Fs.constants.O_APPEND)
  try {
    appendWhole(descriptor, text)
    if (durable) Fs.fsyncSync(descriptor)
  } finally {
    Fs.closeSync(descriptor)
  }
}

const appendWhole = (descriptor: number, text: string) => {
  const size = withoutCutLine(descriptor)
  try {
    Fs.writeFileSync(descriptor, text)
  } catch (error) {
    Fs.ftruncateSync(descriptor, size)
    throw error
  }
}

// Who died while adding may have left part of a line, which the next one must not be joined to.
const withoutCutLine = (descriptor: number): number => {
  const { size } = Fs.fstatSync(descriptor)
  const last = Buffer.alloc(1)
  Fs.readSync(descriptor, last, 0, 1, size - 1)
  if (size === 0 || last[0] === lineFeed) return size
  const content = Buffer.alloc(size)
  Fs.readSync(descriptor, content, 0, size, 0)
  const whole = content.lastIndexOf(lineFeed) + 1
  Fs.ftruncateSync(descriptor, whole)
  return whole
}

const lineFeed = 0x0a

/** Makes what was linked, renamed or removed in a directory survive power loss. */
export const syncDirectory = (directory: string): void => {
  const descriptor = Fs.openSync(directory, "r")
  try {
    Fs.fsyncSync(descriptor)
  } finally {
    Fs.closeSync(descriptor)
  }
}
