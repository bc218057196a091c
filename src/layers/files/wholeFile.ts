/** Writes files that are there whole or not at all, and finds what writers left that died before that. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isRunning, startTimeOf } from "../process/processIdentity.ts"
import { codeOf } from "./errno.ts"
import { forGrowing } from "./growingFile.ts"

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
    const file = Path.join(directory, name)
    // No draft is a directory.
    if (isRunning(Number(pid), startTime) || Fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) continue
    Fs.rmSync(file, { force: true })
  }
}

/**
 * Makes a file of a draft, unless there is one of that name: then it gives nothing. `durable` is for power loss. Gives its
 * descriptor, to add more by and to be closed.
 */
export const createWhole = (
  file: string,
  text: string,
  { drafts, durable }: { readonly drafts: string; readonly durable: boolean }
): number | undefined => {
  const draft = Path.join(drafts, draftName())
  try {
    const descriptor = write(draft, text, durable)
    let made: number | undefined
    try {
      made = link(draft, file, text, { descriptor, durable })
      return made
    } finally {
      if (made !== descriptor) Fs.closeSync(descriptor)
    }
  } finally {
    removeUnlessRefused(draft)
  }
}

/** Removes what may as well stay, where the file system does not let go of it; in one call where `rm` makes three. */
export const removeUnlessRefused = (file: string): void => {
  try {
    Fs.unlinkSync(file)
  } catch {
    // It does no harm where it is.
  }
}

const write = (file: string, text: string, durable: boolean): number => {
  const descriptor = Fs.openSync(file, forGrowing | Fs.constants.O_CREAT | Fs.constants.O_EXCL, 0o600)
  try {
    Fs.writeFileSync(descriptor, text)
    if (durable) Fs.fsyncSync(descriptor)
    return descriptor
  } catch (error) {
    Fs.closeSync(descriptor)
    throw error
  }
}

const link = (
  draft: string,
  file: string,
  text: string,
  { descriptor, durable }: { readonly descriptor: number; readonly durable: boolean }
): number | undefined => {
  try {
    Fs.linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined
    if (!withoutLinks.has(codeOf(error))) throw error
    return createInPlace(file, text, durable)
  }
  if (durable) syncDirectory(Path.dirname(file))
  return descriptor
}

/** What is said of a link where there are none, as on some file systems. */
const withoutLinks: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EXDEV"
])

// A crash can then leave an empty file.
const createInPlace = (file: string, text: string, durable: boolean): number | undefined => {
  let descriptor: number | undefined
  try {
    descriptor = write(file, text, durable)
    if (durable) syncDirectory(Path.dirname(file))
    return descriptor
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined
    if (descriptor !== undefined) Fs.closeSync(descriptor)
    Fs.rmSync(file, { force: true })
    throw error
  }
}

/** As `syncDirectory`, for one that may be somebody else's: where we can make nothing, nothing of ours has to survive. */
export const syncIfOurs = (directory: string): void => {
  try {
    syncDirectory(directory)
  } catch (error) {
    if (!notOurs.has(codeOf(error))) throw error
  }
}

/** What is said where a directory is not ours to change, or on what cannot be changed at all. */
export const notOurs: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EINVAL"])

/** Makes what was linked, renamed or removed in a directory survive power loss. */
export const syncDirectory = (directory: string): void => {
  const descriptor = Fs.openSync(directory, "r")
  try {
    Fs.fsyncSync(descriptor)
  } finally {
    Fs.closeSync(descriptor)
  }
}
