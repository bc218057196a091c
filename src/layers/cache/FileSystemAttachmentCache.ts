/** Keeps records as files that libcni reads and writes too: `<cacheDir>/results/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type AttachmentKey, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid, type CacheIoError } from "../../domain/errors/CniError.ts"
import { messageOf, orElse, orIfMissing } from "../../domain/errors/SystemError.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentCache, type CacheFile } from "../../services/attachment/AttachmentCache.ts"
import { Durability } from "../../services/Tunables.ts"
import { madeIfMissing } from "../files/privateDirectory.ts"
import * as RegularFile from "../files/readRegularFile.ts"
import { attempt, recordLimitsIn, unsafeName } from "../files/systemErrors.ts"
import { isDraft, removeIfThere, replaceWhole, sweepDrafts, syncIfOurs } from "../files/writeWholeFile.ts"
import { forEachSliced } from "../process/eventLoop.ts"

/**
 * The cache in a directory, which is made (mode 0700) when the first record is stored. The calls are synchronous, since each
 * takes some 20 µs.
 */
export const layer = (cacheDir: string): Layer.Layer<AttachmentCache> =>
  Layer.sync(AttachmentCache, () => make(cacheDir))

const make = (cacheDir: string): AttachmentCache["Service"] => {
  const results = Path.join(cacheDir, "results")
  // Beside `results`, where other runtimes do not list them.
  const drafts = Path.join(cacheDir, "effect-cni", "drafts")
  const fileOf = (key: AttachmentKey) => results + Path.sep + fileName(key)
  const syncAbove = syncingOnce(cacheDir)
  const onFile = <A>(
    operation: CacheIoError["operation"],
    key: AttachmentKey,
    action: (file: string, context: Context.Context<never>) => A
  ): Effect.Effect<A, CacheIoError> =>
    unsafeName(operation, results, fileName(key)) ??
      attempt(operation, fileOf(key), (context) => action(fileOf(key), context))
  const names = attempt("list", results, () => namesIn(results))
  return AttachmentCache.of({
    pathOf: fileOf,
    get: (key) =>
      Effect.flatMap(
        onFile("read", key, (file, context) => decodeAt(key, file, recordLimitsIn(context))),
        Effect.fromResult
      ),
    put: (record) =>
      onFile("write", record, (file, context) => {
        const durable = Context.get(context, Durability) === "power-loss"
        const content = new TextEncoder().encode(CacheEntry.encode(record))
        madeIfMissing([results, drafts], () => replaceWhole(file, content, { drafts, durable }))
        if (durable) syncAbove()
      }),
    remove: (key) => onFile("remove", key, (file) => removeIfThere(file)),
    list: (containerId) => Effect.flatMap(names, (all) => listed(results, all, containerId)),
    files: Effect.flatMap(names, (all) => filesAt(results, all)),
    sweep: Effect.forEach(
      [drafts, results],
      (directory) => attempt("remove", directory, () => sweepDrafts(directory)),
      { discard: true }
    )
  })
}

type Decoded = Result.Result<Option.Option<CacheEntry.CacheEntry>, CacheEntryInvalid>

const decodeAt = ({ network }: AttachmentKey, path: string, limits: JsonLimits): Decoded => {
  const reading = orIfMissing({ _tag: "Absent" } as const, () => readRecord(path, limits))
  if (reading._tag === "Absent") return Result.succeed(Option.none())
  const decoded = reading._tag === "Present" ? CacheEntry.decode(reading.bytes, limits) : Result.fail(reading.issue)
  return Result.mapBoth(decoded, {
    onFailure: (issue) => new CacheEntryInvalid({ network, path, issue, decoding: "version" }),
    onSuccess: Option.some
  })
}

const listed = Effect.fnUntraced(function*(
  results: string,
  names: ReadonlyArray<string>,
  containerId: string | undefined
) {
  const limits = recordLimitsIn(yield* Effect.context())
  const mayBeWanted = containerId === undefined ? () => true : mayBelongTo(containerId)
  const attachmentIn = CacheEntry.attachmentIn(containerId)
  const recordAt = (name: string) => {
    const reading = readListed(results, name, limits)
    const entry = reading?._tag === "Present"
      ? Result.getOrUndefined(CacheEntry.decode(reading.bytes, limits))
      : undefined
    return entry && attachmentIn(name, entry)
  }
  const records = yield* forEachSliced(names.filter(mayBeWanted), (name) => Effect.sync(() => recordAt(name)))
  return records.filter((record) => record !== undefined)
})

// What cannot be read is no record.
const readListed = (results: string, name: string, limits: JsonLimits) =>
  orElse(undefined, () => readRecord(results + Path.sep + name, limits))

const filesAt = Effect.fnUntraced(function*(results: string, names: ReadonlyArray<string>) {
  const limits = recordLimitsIn(yield* Effect.context())
  const files = yield* forEachSliced(names, (name) => Effect.sync(() => fileAt(results, name, limits)))
  return files.filter((file) => file !== undefined)
})

// Whichever process has made `results` may not have synced what is above it.
const syncingOnce = (directory: string) => {
  let isSynced = false
  return (): void => {
    if (!isSynced) syncIfOurs(directory)
    isSynced = true
  }
}

/** The names of the files that are no drafts; none where there is no such directory. Throws what the system says. */
export const namesIn = (directory: string): ReadonlyArray<string> =>
  orIfMissing([], () => inByteOrder(Fs.readdirSync(directory).filter((name) => !isDraft(name))))

/** A file, readable or not, to diagnose what is wrong with it; nothing where it is gone. */
const fileAt = (directory: string, name: string, limits: JsonLimits): CacheFile | undefined => {
  const path = directory + Path.sep + name
  const content = contentAt(path, limits)
  if (content === undefined) return undefined
  return { name, path, content, writtenAt: timeOf(path) }
}

// Where it cannot be told, the content says why.
const timeOf = (path: string): number | undefined => orElse(undefined, () => Fs.statSync(path).mtime.getTime())

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
