/**
 * Which files of a journal are a container's, in a small file for each container: an operation is about one, and would have
 * to list those of all others. Whoever asks or changes it holds the container's lock.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isSafeFileName, mayBelongTo } from "../../domain/AttachmentKey.ts"
import { digest } from "./digest.ts"
import { codeOf } from "./errno.ts"
import { makeDirectory } from "./makeDirectory.ts"
import { presenceOf } from "./presence.ts"
import { draftName, removeUnlessRefused, syncDirectory } from "./wholeFile.ts"

export interface ContainerIndex {
  /** Names of files, of which some may be gone. Nothing as long as there is no index: then all have to be looked at. */
  readonly names: (containerId: string) => ReadonlyArray<string> | undefined
  /** Adds a name, before there is a file of it. `durable` is for power loss. */
  readonly add: (containerId: string, name: string, durable: boolean) => void
  /** Forgets a container that has no file any more; one that was just removed need not be looked for. */
  readonly tidy: (containerId: string, removed?: string) => void
  /** Who there is an index file of, by its name. */
  readonly all: () => ReadonlyArray<string>
  /** Removes the index file of that name, if its container has had no file for an hour: who began one has died. */
  readonly sweep: (indexFile: string) => void
}

export interface Options {
  /** Where it is. */
  readonly directory: string
  /** The directory that it is about. */
  readonly files: string
  readonly drafts: string
  /** Whose a file is that was there before the index, if that can be told. */
  readonly containerOf: (name: string) => string | undefined
}

export const containerIndex = ({ containerOf, directory, drafts, files }: Options): ContainerIndex => {
  const fileOf = (containerId: string) => directory + Path.sep + digest(containerId)

  const isThere = (name: string) => exists(Path.join(files, name))

  // It is made with the index, or never.
  let hasUnclear = true
  const unclear = (): ReadonlyArray<string> => {
    const file = Path.join(directory, anybodys)
    hasUnclear &&= exists(file)
    return hasUnclear ? namesOf(file) : []
  }

  // It is there with all that is to be in it, or not at all.
  const make = () => {
    hasUnclear = true
    const draft = Path.join(drafts, draftName())
    makeDirectory(draft)
    try {
      for (const name of namesIn(files)) {
        const containerId = containerOf(name)
        append(Path.join(draft, containerId === undefined ? anybodys : digest(containerId)), name, false)
      }
      Fs.renameSync(draft, directory)
    } catch (error) {
      Fs.rmSync(draft, { recursive: true, force: true })
      // Somebody else has made it meanwhile.
      if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) throw error
    }
  }

  return {
    names: (containerId) => {
      const file = fileOf(containerId)
      const presence = presenceOf(file)
      if (presence === "unknown") return undefined
      const own = presence === "there" ? namesOf(file) : []
      return [...own, ...unclear()].filter(mayBelongTo(containerId))
    },
    add: (containerId, name, durable) => {
      const file = fileOf(containerId)
      if (exists(file) && namesOf(file).includes(name)) return
      try {
        append(file, name, durable)
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error
        make()
        append(file, name, durable)
      }
      if (durable) syncDirectory(directory)
    },
    tidy: (containerId, removed) => {
      const file = fileOf(containerId)
      try {
        if (!namesOf(file).some((name) => name !== removed && isThere(name))) Fs.unlinkSync(file)
      } catch {
        // A name too many does no harm.
      }
    },
    all: () => namesIn(directory),
    sweep: (indexFile) => {
      const file = Path.join(directory, indexFile)
      const changed = Fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs
      if (changed === undefined || Date.now() - changed < anHourMs) return
      if (!namesOf(file).some(isThere)) removeUnlessRefused(file)
    }
  }
}

/** What was there before the index, and whose is not to be told since it is damaged. */
const anybodys = "unclear"

const anHourMs = 60 * 60 * 1000

// Between line feeds, so that what a crash or a full disk has cut off spoils no other name.
const append = (file: string, name: string, durable: boolean): void =>
  Fs.appendFileSync(file, `\n${JSON.stringify(name)}\n`, { mode: 0o600, flush: durable })

const exists = (file: string): boolean => Fs.statSync(file, { throwIfNoEntry: false }) !== undefined

const namesOf = (file: string): ReadonlyArray<string> => {
  try {
    return Fs.readFileSync(file, "utf8").split("\n").flatMap((line) => {
      const name = nameIn(line)
      return name !== undefined && isSafeFileName(name) ? [name] : []
    })
  } catch (error) {
    if (codeOf(error) === "ENOENT") return []
    throw error
  }
}

const nameIn = (line: string): string | undefined => {
  if (line === "") return undefined
  try {
    const name: unknown = JSON.parse(line)
    return typeof name === "string" ? name : undefined
  } catch {
    return undefined
  }
}

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch (error) {
    if (codeOf(error) === "ENOENT") return []
    throw error
  }
}
