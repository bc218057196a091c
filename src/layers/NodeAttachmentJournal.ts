/** Keeps the journal as files: `<cacheDir>/effect-cni/journal/<two hex digits>/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type AttachmentKey, fileName, isSafeFileName, mayBelongTo } from "../domain/AttachmentKey.ts"
import { CacheEntryInvalid, CacheIoError } from "../domain/CniError.ts"
import * as JournalEntry from "../domain/JournalEntry.ts"
import { decodeText, inByteOrder, type JsonLimits } from "../domain/Json.ts"
import { AttachmentJournal } from "../services/AttachmentJournal.ts"
import { Durability } from "../services/Tunables.ts"
import { codeOf } from "./internal/errno.ts"
import { type GrowingFiles, growingFiles } from "./internal/growingFile.ts"
import { inSlices } from "./internal/inSlices.ts"
import { ioErrorOf } from "./internal/ioError.ts"
import { collectListing } from "./internal/journalListing.ts"
import { isShard, shardOf, shardsOf } from "./internal/journalShards.ts"
import { makeDirectory } from "./internal/makeDirectory.ts"
import { presenceOf } from "./internal/presence.ts"
import { recordLimitsIn } from "./internal/recordLimits.ts"
import { lengthOf } from "./internal/shortDirectory.ts"
import * as WholeFile from "./internal/wholeFile.ts"

/**
 * The journal in a cache directory, made (mode 0700) with the first entry. An entry is made whole, and grows by lines:
 * what was written last is all that a crash can cut off. The calls are synchronous, since each takes some 20 µs, but
 * for the listing of many names; the entry of an operation that goes on is kept open.
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

  const onFile = <A>(
    operation: CacheIoError["operation"],
    key: AttachmentKey,
    action: (file: string) => A
  ): Effect.Effect<A, CacheIoError> => {
    const name = fileName(key)
    const path = pathOf(key)
    return isSafeFileName(name)
      ? attempt(operation, path, () => action(path))
      : Effect.fail(
        new CacheIoError({ operation, path: directory, reason: "InvalidName", detail: JSON.stringify(name) })
      )
  }

  // An operation reads an entry twice: when it looks for what is left of others, and for its own attachment.
  let latest:
    | { readonly text: string; readonly maxDepth: number; readonly entry: JournalEntry.JournalEntry }
    | undefined
  const decodeEntry = (text: string, limits: JsonLimits): Result.Result<JournalEntry.JournalEntry, string> => {
    if (latest?.text === text && latest.maxDepth === limits.maxDepth) return Result.succeed(latest.entry)
    return Result.tap(JournalEntry.decode(text, limits), (entry) => {
      latest = { text, maxDepth: limits.maxDepth, entry }
    })
  }

  const decode = (path: string, text: string, limits: JsonLimits) =>
    decodeEntry(text, limits).pipe(
      Result.filterOrFail((entry) => pathOf(entry) === path, () => "it is not about the attachment of its name"),
      Result.mapError((issue) => new CacheEntryInvalid({ network: "", path, issue }))
    )

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
  const readEntry = (path: string, limits: JsonLimits) => {
    const reading = Result.try({
      try: () => readIfThere(path),
      catch: (error) => new CacheEntryInvalid({ network: "", path, issue: ioErrorOf("read", path, error).message })
    })
    return Result.flatMap(
      reading,
      (text) => text === undefined ? Result.succeed(undefined) : decode(path, text, limits)
    )
  }

  const filesOf = (containerId: string) => {
    const shard = shardOf(containerId)
    return Effect.map(
      namesIn(directory + Path.sep + shard),
      (names) => inByteOrder(names.filter(mayBelongTo(containerId))).map((name) => fileOf(shard, name))
    )
  }

  const allFiles = Effect.gen(function*() {
    const shards = yield* namesIn(directory)
    // What is in none is nobody's, and is said to be damaged.
    const found = yield* inSlices(shards, (shard) =>
      isShard(shard)
        ? Effect.map(namesIn(directory + Path.sep + shard), (names) =>
          names.map((name) => [`${name}\0${shard}`, fileOf(shard, name)] as const))
        : Effect.succeed([[shard, directory + Path.sep + shard] as const]))
    const paths = new Map(found.flat())
    return inByteOrder([...paths.keys()]).flatMap((place) => paths.get(place) ?? [])
  })

  return AttachmentJournal.of({
    pathOf,
    get: (key) =>
      Effect.contextWith((context) =>
        Effect.flatMap(
          onFile(
            "read",
            key,
            (own) => textAt(own) ?? firstText(others(key))
          ),
          (found) => {
            if (found === undefined) return Effect.succeedNone
            return Effect.fromResult(Result.map(decode(found.path, found.text, recordLimitsIn(context)), Option.some))
          }
        )
      ),
    begin: (entry) =>
      Effect.contextWith((context) => {
        const durable = isDurable(context)
        const text = JournalEntry.encode(entry)
        return onFile("write", entry, (file) => {
          if (others(entry).length > 0) return false
          const make = () => WholeFile.createWhole(file, text, { drafts, durable })
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
        })
      }),
    note: (key, event) =>
      Effect.contextWith((context) =>
        onFile("write", key, (file) => {
          entries.append(file, JournalEntry.encodeEvent(event), event._tag === "Became" && isDurable(context))
          if (event._tag === "Became" && event.state !== "deleting") entries.release(file)
        })
      ),
    remove: (key) =>
      Effect.contextWith((context) =>
        onFile("remove", key, (file) => {
          entries.forget(file)
          removeIfThere(file, isDurable(context))
        })
      ),
    list: Effect.fnUntraced(function*(containerId) {
      const limits = recordLimitsIn(yield* Effect.context())
      const files = yield* (containerId === undefined ? allFiles : filesOf(containerId))
      const read = yield* inSlices(files, (path) => Effect.succeed(readEntry(path, limits)))
      return collectListing(read, containerId)
    }),
    identity: Effect.sync(() => identityOf(directory)),
    audit: (line) =>
      Effect.suspend(() =>
        attempt(
          "write",
          Path.join(base, "abandoned.log"),
          () =>
            madeIfMissing(
              [base],
              () => Fs.appendFileSync(Path.join(base, "abandoned.log"), `${line}\n`, { mode: 0o600, flush: true })
            )
        )
      ),
    sweep: Effect.suspend(() => attempt("remove", drafts, () => WholeFile.sweepDrafts(drafts)))
  })
}

const attempt = <A>(
  operation: CacheIoError["operation"],
  path: string,
  action: () => A
): Effect.Effect<A, CacheIoError> => {
  try {
    return Effect.succeed(action())
  } catch (error) {
    return Effect.fail(ioErrorOf(operation, path, error))
  }
}

const isDurable = (context: Context.Context<never>): boolean => Context.get(context, Durability) === "power-loss"

// A name that is too long for a file is not the name of one.
const cannotBeThere = (error: unknown): boolean => ["ENOENT", "ENAMETOOLONG"].includes(codeOf(error))

const isThere = (file: string): boolean => {
  try {
    return Fs.statSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if (cannotBeThere(error)) return false
    throw error
  }
}

const identityOf = (directory: string): string => {
  try {
    const { dev, ino } = Fs.statSync(directory, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return ""
  }
}

const firstText = (paths: ReadonlyArray<string>): ReturnType<typeof textAt> => {
  for (const path of paths) {
    const found = textAt(path)
    if (found !== undefined) return found
  }
  return undefined
}

const textAt = (path: string): { readonly path: string; readonly text: string } | undefined => {
  const text = readIfThere(path)
  return text === undefined ? undefined : { path, text }
}

const readIfThere = (file: string): string | undefined => {
  try {
    if (presenceOf(file) === "missing") return undefined
    return decodeText(Fs.readFileSync(file))
  } catch (error) {
    if (cannotBeThere(error)) return undefined
    throw error
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

const namesIn = (directory: string): Effect.Effect<ReadonlyArray<string>, CacheIoError> =>
  Effect.suspend(() => {
    const length = lengthOf(directory)
    // To ask takes less than an error.
    if (length === "missing") return Effect.succeed([])
    return length === "short"
      ? attempt("list", directory, () => Fs.readdirSync(directory))
      : Effect.tryPromise({
        try: () => Fs.promises.readdir(directory),
        catch: (error) => ioErrorOf("list", directory, error)
      })
  }).pipe(Effect.catchIf(({ reason }) => reason === "ENOENT", () => Effect.succeed([])))

const madeIfMissing = <A>(directories: ReadonlyArray<string>, action: () => A): A => {
  try {
    return action()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    for (const directory of directories) makeDirectory(directory)
    return action()
  }
}
