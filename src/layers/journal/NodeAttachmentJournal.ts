/** Keeps the journal as files: `<cacheDir>/effect-cni/journal/<two hex digits>/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type AttachmentKey, fileName, isSafeFileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { decodeText, inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { CacheOwnership, Durability } from "../../services/Tunables.ts"
import { inSlices } from "../eventLoop/inSlices.ts"
import { codeOf } from "../files/errno.ts"
import { namesIn } from "../files/fileNames.ts"
import { type GrowingFiles, growingFiles } from "../files/growingFile.ts"
import { ioErrorOf } from "../files/ioError.ts"
import { makeDirectory } from "../files/makeDirectory.ts"
import { foreignAccess, foreignWriter } from "../files/privateDirectory.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import * as RegularFile from "../files/regularFile.ts"
import * as WholeFile from "../files/wholeFile.ts"
import { collectListing, notOfItsName } from "./journalListing.ts"
import { isShard, shardOf, shardsOf } from "./journalShards.ts"

/**
 * The journal in a cache directory, made (mode 0700) with the first entry. An entry is made whole, and grows by lines:
 * what was written last is all that a crash can cut off. The calls are synchronous, since each takes some 20 µs; the
 * entry of an operation that goes on is kept open. Where another user can write to it, all fails (`CacheOwnership`).
 */
export const layer = (cacheDir: string): Layer.Layer<AttachmentJournal> =>
  Layer.effect(
    AttachmentJournal,
    Effect.map(
      Effect.acquireRelease(Effect.sync(() => growingFiles()), ({ close }) => Effect.sync(close)),
      (entries) => journalIn(cacheDir, entries)
    )
  )

const journalIn = (cacheDir: string, entries: GrowingFiles): AttachmentJournal["Service"] => {
  const base = Path.join(cacheDir, "effect-cni")
  const directory = Path.join(base, "journal")
  const drafts = Path.join(base, "journal-drafts")
  const fileOf = (shard: string, name: string) => directory + Path.sep + shard + Path.sep + name
  const pathOf = (key: AttachmentKey) => fileOf(shardOf(key.containerId), fileName(key))

  const attempt = <A>(
    operation: CacheIoError["operation"],
    path: string,
    action: (context: Context.Context<never>) => A
  ): Effect.Effect<A, CacheIoError> =>
    Effect.contextWith((context: Context.Context<never>) => {
      try {
        assertPrivate(context, operation)
        return Effect.succeed(action(context))
      } catch (error) {
        return Effect.fail(ioErrorOf(operation, path, error))
      }
    })

  // What is not there yet cannot be acted on; it is checked once more when it was made.
  let isPrivate = false
  const assertPrivate = (context: Context.Context<never>, operation: CacheIoError["operation"]): void => {
    if (isPrivate || Context.get(context, CacheOwnership) === "trust") return
    if (operation !== "write" && !Fs.existsSync(base)) return
    const issue = foreignAccess({ directory: cacheDir, inside: [base, directory] })
    if (issue !== undefined) throw Object.assign(new Error(issue), { code: "NotPrivate" })
    isPrivate = Fs.existsSync(directory)
  }

  const onFile = <A>(
    operation: CacheIoError["operation"],
    key: AttachmentKey,
    action: (file: string, context: Context.Context<never>) => A
  ): Effect.Effect<A, CacheIoError> => {
    const name = fileName(key)
    const path = pathOf(key)
    return isSafeFileName(name)
      ? attempt(operation, path, (context) => action(path, context))
      : Effect.fail(
        new CacheIoError({ operation, path: directory, reason: "InvalidName", detail: JSON.stringify(name) })
      )
  }

  const decode = (
    path: string,
    reading: RegularFile.Reading,
    limits: JsonLimits,
    network?: string
  ): Result.Result<JournalEntry.JournalEntry | undefined, CacheEntryInvalid> => {
    if (reading._tag === "Absent") return Result.succeed(undefined)
    const text = reading._tag === "Unusable" ? "" : decodeText(reading.bytes)
    const decoded = reading._tag === "Unusable" ? Result.fail(reading.issue) : JournalEntry.decode(text, limits)
    return decoded.pipe(
      Result.filterOrFail((entry) => pathOf(entry) === path, () => notOfItsName),
      Result.mapError((issue) =>
        new CacheEntryInvalid({ network: network ?? JournalEntry.networkIn(text, limits), path, issue })
      )
    )
  }

  const readAt = (path: string, context: Context.Context<never>): RegularFile.Reading => {
    try {
      return RegularFile.read(path, {
        maxBytes: mostRecords * recordLimitsIn(context).maxBytes,
        links: "refuse",
        ...(Context.get(context, CacheOwnership) === "check" && { issueOf: foreignWriter })
      })
    } catch (error) {
      if (cannotBeThere(error)) return { _tag: "Absent" }
      throw error
    }
  }

  // An attachment of another container can have the same file name, in another directory.
  const others = (key: AttachmentKey): ReadonlyArray<string> => {
    const own = shardOf(key.containerId)
    const name = fileName(key)
    return [...shardsOf(name)].filter((shard) => shard !== own).map((shard) => fileOf(shard, name)).filter(isThere)
  }

  // Somebody who needed it less may have made it.
  const syncShard = (shard: string) => {
    if (synced.has(shard)) return
    if (synced.size === 0) [base, cacheDir].forEach(WholeFile.syncIfOurs)
    WholeFile.syncDirectory(directory)
    synced.add(shard)
  }
  const synced = new Set<string>()

  // One that cannot be read does not hide the others.
  const readEntry = (path: string, context: Context.Context<never>) =>
    Result.try({
      try: () => readAt(path, context),
      catch: (error) => new CacheEntryInvalid({ network: "", path, issue: ioErrorOf("read", path, error).message })
    }).pipe(Result.flatMap((reading) => decode(path, reading, recordLimitsIn(context))))

  const filesOf = (containerId: string) => {
    const shard = shardOf(containerId)
    return attempt(
      "list",
      directory + Path.sep + shard,
      () =>
        namesIfThere(directory + Path.sep + shard).filter(mayBelongTo(containerId)).map((name) => fileOf(shard, name))
    )
  }

  const filesIn = (shard: string) =>
    attempt(
      "list",
      directory + Path.sep + shard,
      () =>
        namesIfThere(directory + Path.sep + shard).map((name) => [`${name}\0${shard}`, fileOf(shard, name)] as const)
    )

  const allFiles = Effect.gen(function*() {
    const shards = yield* attempt("list", directory, () => namesIfThere(directory))
    // What is in no directory of ours is nobody's, and is said to be damaged.
    const damaged = (name: string) => [[name, directory + Path.sep + name] as const]
    const found = yield* inSlices(shards, (shard) =>
      isShard(shard)
        ? Effect.catchIf(filesIn(shard), ({ reason }) => reason === "ENOTDIR", () => Effect.succeed(damaged(shard)))
        : Effect.succeed(damaged(shard)))
    const paths = new Map(found.flat())
    return inByteOrder([...paths.keys()]).flatMap((place) => paths.get(place) ?? [])
  })

  return AttachmentJournal.of({
    pathOf,
    get: (key) =>
      Effect.contextWith((context) =>
        onFile("read", key, (own) => {
          for (const path of [own, ...others(key)]) {
            const reading = readAt(path, context)
            if (reading._tag !== "Absent") return { path, reading }
          }
          return undefined
        }).pipe(Effect.flatMap((found) =>
          found === undefined
            ? Effect.succeedNone
            : Effect.fromResult(
              Result.map(
                decode(found.path, found.reading, recordLimitsIn(context), key.network),
                Option.fromUndefinedOr
              )
            )
        ))
      ),
    begin: (entry) =>
      onFile("write", entry, (file, context) => {
        const durable = isDurable(context)
        const text = JournalEntry.encode(entry)
        if (others(entry).length > 0) return false
        const make = () => {
          assertPrivate(context, "write")
          return WholeFile.createWhole(file, text, { drafts, durable })
        }
        const made = madeIfMissing([Path.dirname(file), drafts], make)
        if (made === undefined) return false
        entries.keep(file, made, Buffer.byteLength(text))
        let hasBegun = false
        try {
          if (durable) syncShard(Path.dirname(file))
          // Of two that begin at the same moment neither goes on, rather than both.
          hasBegun = others(entry).length === 0
          return hasBegun
        } finally {
          if (!hasBegun) {
            entries.forget(file)
            removeIfThere(file, durable)
          }
        }
      }),
    note: (key, event) =>
      onFile("write", key, (file, context) => {
        entries.append(file, JournalEntry.encodeEvent(event), event._tag === "Became" && isDurable(context))
        if (event._tag === "Became" && event.state !== "deleting") entries.release(file)
      }),
    remove: (key) =>
      onFile("remove", key, (file, context) => {
        entries.forget(file)
        removeIfThere(file, isDurable(context))
      }),
    list: Effect.fnUntraced(function*(containerId) {
      const context = yield* Effect.context()
      const files = yield* (containerId === undefined ? allFiles : filesOf(containerId))
      const read = yield* inSlices(files, (path) => Effect.succeed(readEntry(path, context)))
      return collectListing(read, containerId)
    }),
    identity: Effect.sync(() => identityOf(directory)),
    audit: (line) => {
      const file = Path.join(base, "abandoned.log")
      return attempt("write", file, () => madeIfMissing([base], () => RegularFile.append(file, `${line}\n`)))
    },
    sweep: attempt("remove", drafts, () => WholeFile.sweepDrafts(drafts))
  })
}

// An entry has the results of a whole chain, one after the other.
const mostRecords = 4

const isDurable = (context: Context.Context<never>): boolean => Context.get(context, Durability) === "power-loss"

// A name that is too long for a file is not the name of one.
const cannotBeThere = (error: unknown): boolean => ["ENOENT", "ENAMETOOLONG"].includes(codeOf(error))

const isThere = (file: string): boolean => {
  try {
    return Fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if (cannotBeThere(error)) return false
    throw error
  }
}

const identityOf = (directory: string): string => {
  try {
    // A directory that is made anew can have the inode of the one that was removed.
    const { birthtimeNs, dev, ino } = Fs.statSync(directory, { bigint: true })
    return `${dev}:${ino}:${birthtimeNs}`
  } catch {
    return ""
  }
}

const removeIfThere = (file: string, durable: boolean): void => {
  try {
    Fs.unlinkSync(file)
    if (durable) WholeFile.syncDirectory(Path.dirname(file))
  } catch (error) {
    if (!cannotBeThere(error)) throw error
  }
}

const namesIfThere = (directory: string): ReadonlyArray<string> => {
  try {
    return namesIn(directory)
  } catch (error) {
    if (codeOf(error) === "ENOENT") return []
    throw error
  }
}

const madeIfMissing = <A>(directories: ReadonlyArray<string>, action: () => A): A => {
  try {
    return action()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    for (const directory of directories) makeDirectory(directory)
    return action()
  }
}
