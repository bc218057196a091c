/** Where the entries of a journal are as files, and what stands in them. */
import * as Context from "effect/Context"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type AttachmentKey, fileName } from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid } from "../../domain/errors/CniError.ts"
import { orElse, orIfMissing } from "../../domain/errors/SystemError.ts"
import { decodeText, type JsonLimits } from "../../domain/json/Json.ts"
import { CacheOwnership } from "../../services/Tunables.ts"
import { foreignAccess, foreignWriter } from "../files/privateDirectory.ts"
import * as RegularFile from "../files/readRegularFile.ts"
import { namesIn } from "../files/readRegularFile.ts"
import { ioErrorOf, recordLimitsIn } from "../files/systemErrors.ts"
import { syncDirectory, syncIfOurs } from "../files/writeWholeFile.ts"
import { notOfItsName } from "./journalListing.ts"

/** The directories of a journal: `base` has all that we keep in a cache directory. */
export interface Place {
  readonly cacheDir: string
  readonly base: string
  readonly directory: string
  readonly drafts: string
}

export const placeIn = (cacheDir: string): Place => {
  const base = Path.join(cacheDir, "effect-cni")
  return { cacheDir, base, directory: Path.join(base, "journal"), drafts: Path.join(base, "journal-drafts") }
}

/** The directory of a container's entries. */
export const directoryOf = (place: Place, containerId: string): string =>
  place.directory + Path.sep + shardOf(containerId)

/** The file of an attachment's entry. */
export const pathOf = (place: Place, key: AttachmentKey): string =>
  directoryOf(place, key.containerId) + Path.sep + fileName(key)

/** The entries with the same file name, which are of attachments of other containers, in other directories. */
export const othersOf = ({ directory }: Place, key: AttachmentKey): ReadonlyArray<string> => {
  const own = shardOf(key.containerId)
  const name = fileName(key)
  const others = [...shardsOf(name)].filter((shard) => shard !== own)
  return others.map((shard) => directory + Path.sep + shard + Path.sep + name).filter(isThere)
}

const isThere = (file: string): boolean =>
  orIfMissing(false, () => Fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined)

/** The names in a directory; none where there is no such directory. */
export const namesIfThere = (directory: string): ReadonlyArray<string> => orIfMissing([], () => namesIn(directory))

/** Reads the file of an entry. Throws what the system says. */
export const readAt = (path: string, context: Context.Context<never>): RegularFile.Reading =>
  orIfMissing<RegularFile.Reading>({ _tag: "Absent" }, () =>
    RegularFile.read(path, {
      maxBytes: mostRecords * recordLimitsIn(context).maxBytes,
      links: "refuse",
      ...(Context.get(context, CacheOwnership) === "check" && { issueOf: foreignWriter })
    }))

// An entry has the results of a whole chain, one after the other.
const mostRecords = 4

type Decoded = Result.Result<JournalEntry.JournalEntry | undefined, CacheEntryInvalid>

/** The entry in a file; `network` is the one that an error names, by default the one that the text names. */
export const decode = (
  place: Place,
  path: string,
  reading: RegularFile.Reading,
  limits: JsonLimits,
  network?: string
): Decoded => {
  if (reading._tag === "Absent") return Result.succeed(undefined)
  const text = reading._tag === "Unusable" ? "" : decodeText(reading.bytes)
  const decoded = reading._tag === "Unusable" ? Result.fail(reading.issue) : JournalEntry.decode(text, limits)
  return decoded.pipe(
    Result.filterOrFail((entry) => pathOf(place, entry) === path, () => notOfItsName),
    Result.mapError((issue) =>
      new CacheEntryInvalid({ network: network ?? JournalEntry.networkIn(text, limits), path, issue })
    )
  )
}

/** The entry in a file, for a listing: a file that cannot be read does not hide the others. */
export const readListed = (place: Place, path: string, context: Context.Context<never>): Decoded =>
  Result.try({
    try: () => readAt(path, context),
    catch: (error) => new CacheEntryInvalid({ network: "", path, issue: ioErrorOf("read", path, error).message })
  }).pipe(Result.flatMap((reading) => decode(place, path, reading, recordLimitsIn(context))))

/** Which directory this is: one that is made anew can have the inode of the one that was removed, but not its birth. */
export const identityOf = (directory: string): string =>
  orElse("", () => {
    const { birthtimeNs, dev, ino } = Fs.statSync(directory, { bigint: true })
    return `${dev}:${ino}:${birthtimeNs}`
  })

/** Throws where another user can write to the journal. A journal that is private once is not looked at again. */
export const privacyOf = ({ base, cacheDir, directory }: Place) => {
  let isPrivate = false
  return (context: Context.Context<never>, mayBeMissing: boolean): void => {
    if (isPrivate || Context.get(context, CacheOwnership) === "trust") return
    if (mayBeMissing && !Fs.existsSync(base)) return
    const issue = foreignAccess({ directory: cacheDir, inside: [base, directory] })
    if (issue !== undefined) throw Object.assign(new Error(issue), { code: "NotPrivate" })
    isPrivate = Fs.existsSync(directory)
  }
}

/** Makes the directory of an entry survive a loss of power: once for good, whichever process has made it. */
export const syncingShards = ({ base, cacheDir, directory }: Place) => {
  const synced = new Set<string>()
  return (shard: string): void => {
    if (synced.has(shard)) return
    if (synced.size === 0) [base, cacheDir].forEach(syncIfOurs)
    syncDirectory(directory)
    synced.add(shard)
  }
}

/** The directory of a container's entries: two hex digits. */
export const shardOf = (containerId: string): string => {
  let hash = start
  for (let at = 0; at < containerId.length; at++) hash = next(hash, containerId.charCodeAt(at))
  return nameOf(hash)
}

/**
 * Where there may be an entry of that file name: network, container ID and interface may have hyphens in them, so that
 * attachments of different containers can have one name.
 */
export const shardsOf = (fileName: string): ReadonlySet<string> => {
  const shards = new Set<string>()
  // No file has a longer one, and each hyphen is looked at with all that follow.
  if (fileName.length > 255) return shards
  for (let from = fileName.indexOf("-"); from >= 0; from = fileName.indexOf("-", from + 1)) {
    let hash = start
    for (let at = from + 1; at < fileName.length; at++) {
      const code = fileName.charCodeAt(at)
      if (code === hyphen) shards.add(nameOf(hash))
      hash = next(hash, code)
    }
  }
  return shards
}

/** Whether a directory of the journal is one of those. */
export const isShard = (name: string): boolean => /^[0-3][\da-f]$/.test(name)

const hyphen = 0x2d

// FNV-1a, which is short and even enough: a caller that chooses IDs for one directory makes only its own lists longer.
const start = 0x811c9dc5
const next = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)
const nameOf = (hash: number): string =>
  names[(hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (count - 1)] ?? ""
const count = 64
const names = Array.from({ length: count }, (_, at) => at.toString(16).padStart(2, "0"))
