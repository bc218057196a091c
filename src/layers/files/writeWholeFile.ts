/** Writes files that are there whole or not at all, removes them, and removes the drafts of writers that have died. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf, orElse, orIfMissing } from "../../domain/errors/SystemError.ts"
import { isRunning, startTimeOf } from "../process/processIdentity.ts"
import { withFile } from "./openFile.ts"

/** Where to write the draft of a file, and whether the file has to survive a loss of power. */
export interface Drafting {
  readonly drafts: string
  readonly durable: boolean
}

/** A name for a draft, which tells the process that writes it. */
const draftName = (): string => `${ourPrefix()}${(drafted++).toString(36)}.tmp`

let drafted = 0
let prefix: string | undefined

const ourPrefix = () => prefix ??= `${process.pid}-${startTimeOf(process.pid)}-${unique()}-`

const unique = () => Math.floor(performance.timeOrigin + performance.now()).toString(36)

/** Whether a file is a draft beside the files that it is to replace. */
export const isDraft = (name: string): boolean => name.startsWith(".") && name.endsWith(".tmp")

/** Removes the drafts of dead processes. A process that is taken for dead by mistake writes its draft again. */
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

/** Makes a file, and gives whether it did: not where there is one of that name. */
export const createWhole = (file: string, text: string, { drafts, durable }: Drafting): boolean => {
  const draft = Path.join(drafts, draftName())
  try {
    write(draft, text, durable)
    return link(draft, file, text, durable)
  } finally {
    removeUnlessRefused(draft)
  }
}

/** Makes a file, or replaces the one of that name. */
export const replaceWhole = (file: string, content: Uint8Array, { drafts, durable }: Drafting): void => {
  const name = draftName()
  try {
    moveDraft(Path.join(drafts, name), file, content, durable)
  } catch (error) {
    if (!noPlaceForDrafts.has(codeOf(error))) throw error
    moveDraft(Path.join(Path.dirname(file), `.${name}`), file, content, durable)
  }
}

// The directory of the file may be another mount, and writable where that of the drafts is not.
const noPlaceForDrafts: ReadonlySet<string> = new Set(["EXDEV", "EROFS", "EACCES", "EPERM"])

const moveDraft = (draft: string, file: string, content: Uint8Array, durable: boolean) => {
  try {
    write(draft, content, durable)
    Fs.renameSync(draft, file)
  } catch (error) {
    removeUnlessRefused(draft)
    throw error
  }
  if (durable) syncDirectory(Path.dirname(file))
}

/** Removes what may as well stay, where the file system does not let go of it. */
export const removeUnlessRefused = (file: string): void => orElse(undefined, () => Fs.unlinkSync(file))

const write = (file: string, content: string | Uint8Array, durable: boolean): void =>
  withFile(file, "wx", (descriptor) => {
    Fs.writeFileSync(descriptor, content)
    if (durable) Fs.fsyncSync(descriptor)
  }, 0o600)

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

// The errors of a link on file systems that have none.
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"])

// A crash can then leave an empty file.
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

/** Removes a file, if there is one. `durable` is for a loss of power. */
export const removeIfThere = (file: string, durable = false): void =>
  orIfMissing(undefined, () => {
    Fs.unlinkSync(file)
    if (durable) syncDirectory(Path.dirname(file))
  })

/** Makes what was linked, renamed or removed in a directory survive a loss of power. */
export const syncDirectory = (directory: string): void => withFile(directory, "r", Fs.fsyncSync)

/** As `syncDirectory`, for one that may be another user's: nothing of ours is in a directory that we cannot write to. */
export const syncIfOurs = (directory: string): void => {
  try {
    syncDirectory(directory)
  } catch (error) {
    if (!notOurs.has(codeOf(error))) throw error
  }
}

const notOurs: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EINVAL"])
