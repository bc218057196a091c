/** Keeps records as files that libcni reads and writes too: `<cacheDir>/results/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Path from "node:path"
import { type AttachmentKey, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid, type CacheIoError } from "../../domain/errors/CniError.ts"
import type { JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { Durability } from "../../services/Tunables.ts"
import { forEachSliced } from "../eventLoop/forEachSliced.ts"
import { madeIfMissing, removeIfThere, syncIfOurs } from "../files/directories.ts"
import { orIfMissing } from "../files/errno.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import { attempt, unsafeName } from "../files/systemErrors.ts"
import { replaceWhole, sweepDrafts } from "../files/wholeFile.ts"
import { fileAt, namesIn, readRecord } from "./cacheFiles.ts"

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
    list: Effect.fnUntraced(function*(containerId) {
      const mayBeWanted = containerId === undefined ? () => true : mayBelongTo(containerId)
      const listed = listedIn(results, containerId, recordLimitsIn(yield* Effect.context()))
      const records = yield* forEachSliced(
        (yield* names).filter(mayBeWanted),
        (name) => Effect.sync(() => listed(name))
      )
      return records.filter((record) => record !== undefined)
    }),
    files: Effect.flatMap(names, (all) =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.map(
          forEachSliced(all, (name) => Effect.sync(() => fileAt(results, name, recordLimitsIn(context)))),
          (files) => files.filter((file) => file !== undefined)
        )
      )),
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

// What cannot be read is no record.
const listedIn = (results: string, containerId: string | undefined, limits: JsonLimits) => {
  const decode = CacheEntry.decodeMany(limits)
  const attachmentIn = CacheEntry.attachmentIn(containerId)
  return (name: string) => {
    try {
      const reading = readRecord(results + Path.sep + name, limits)
      const entry = reading._tag === "Present" ? Result.getOrUndefined(decode(reading.bytes)) : undefined
      return entry && attachmentIn(name, entry)
    } catch {
      return undefined
    }
  }
}

// Whichever process has made `results` may not have synced what is above it.
const syncingOnce = (directory: string) => {
  let isSynced = false
  return (): void => {
    if (!isSynced) syncIfOurs(directory)
    isSynced = true
  }
}
