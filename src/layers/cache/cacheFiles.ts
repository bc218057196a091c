/** Reads the files in the directory of the records. */
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import type { CacheFile } from "../../services/attachment/AttachmentCache.ts"
import { orIfMissing } from "../files/errno.ts"
import * as RegularFile from "../files/regularFile.ts"
import { messageOf } from "../files/systemErrors.ts"
import { isDraft } from "../files/wholeFile.ts"

/** The names of the files that are no drafts; none where there is no such directory. Throws what the system says. */
export const namesIn = (directory: string): ReadonlyArray<string> =>
  orIfMissing([], () => inByteOrder(Fs.readdirSync(directory).filter((name) => !isDraft(name))))

/** A file, readable or not, to diagnose what is wrong with it; nothing where it is gone. */
export const fileAt = (directory: string, name: string, limits: JsonLimits): CacheFile | undefined => {
  const path = directory + Path.sep + name
  const content = contentAt(path, limits)
  if (content === undefined) return undefined
  return { name, path, content, writtenAt: timeOf(path) }
}

const timeOf = (path: string): number | undefined => {
  try {
    return Fs.statSync(path).mtime.getTime()
  } catch {
    // The content says why.
    return undefined
  }
}

const contentAt = (path: string, limits: JsonLimits): CacheFile["content"] | undefined => {
  try {
    const reading = readRecord(path, limits)
    if (reading._tag === "Absent") return undefined
    return reading._tag === "Present" ? CacheEntry.decode(reading.bytes, limits) : Result.fail(reading.issue)
  } catch (error) {
    return Result.fail(messageOf(error))
  }
}

/** Reads the file of a record, which another runtime may have made. Throws what the system says. */
export const readRecord = (path: string, { maxBytes }: JsonLimits): RegularFile.Reading =>
  RegularFile.read(path, { maxBytes, links: "follow" })
