/** Keeps records as files that libcni reads and writes too: `<cacheDir>/results/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import { type AttachmentKey, fileName, isSafeFileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { Durability } from "../../services/Tunables.ts"
import { inSlices } from "../eventLoop/inSlices.ts"
import { codeOf } from "../files/errno.ts"
import { ioErrorOf } from "../files/ioError.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import { draftName, notOurs, sweepDrafts } from "../files/wholeFile.ts"
import * as CacheFiles from "./cacheFiles.ts"

/**
 * The cache in a directory, which is made (mode 0700) when the first record is stored. Records are read by Node itself: a
 * `FileSystem` cannot open what may be a FIFO without waiting, nor stop at a limit.
 */
export const layer = (
  cacheDir: string
): Layer.Layer<AttachmentCache, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    AttachmentCache,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const results = path.join(cacheDir, "results")
      // Beside `results`, where other runtimes do not list them.
      const drafts = path.join(cacheDir, "effect-cni", "drafts")
      const fileOf = (key: AttachmentKey) => results + path.sep + fileName(key)

      const safeFileOf = (key: AttachmentKey, operation: CacheIoError["operation"]) =>
        isSafeFileName(fileName(key))
          ? Effect.succeed(fileOf(key))
          : Effect.fail(
            new CacheIoError({ operation, path: results, reason: "InvalidName", detail: JSON.stringify(fileName(key)) })
          )

      const read = (key: AttachmentKey, file: string) =>
        Effect.contextWith((context: Context.Context<never>): ReturnType<AttachmentCache["Service"]["get"]> => {
          const limits = recordLimitsIn(context)
          const invalid = (issue: string) =>
            new CacheEntryInvalid({ network: key.network, path: file, issue, decoding: "version" })
          try {
            const reading = CacheFiles.readRecord(file, limits)
            if (reading._tag === "Absent") return Effect.succeedNone
            if (reading._tag === "Unusable") return Effect.fail(invalid(reading.issue))
            return CacheEntry.decode(reading.bytes, limits).pipe(
              Result.mapBoth({ onFailure: invalid, onSuccess: Option.some }),
              Effect.fromResult
            )
          } catch (error) {
            return codeOf(error) === tooLong ? Effect.succeedNone : Effect.fail(ioErrorOf("read", file, error))
          }
        })

      const sync = (target: string) =>
        Effect.scoped(Effect.flatMap(fs.open(target, { flag: "r" }), (opened) => opened.sync))

      const writeDraft = (draft: string, bytes: Uint8Array, file: string) =>
        Effect.flatMap(Durability, (durability) => {
          const written = fs.writeFile(draft, bytes, { flag: "wx", mode: 0o600 })
          const moved = fs.rename(draft, file)
          if (durability === "process") return Effect.andThen(written, moved)
          return Effect.all([written, sync(draft), moved, sync(results)], { discard: true })
        }).pipe(Effect.onError(() => Effect.ignore(fs.remove(draft, { force: true }))))

      const makeDirectories = Effect.forEach(
        [results, drafts],
        (directory) => fs.makeDirectory(directory, { recursive: true, mode: 0o700 }),
        { discard: true }
      )

      const replace = (file: string, bytes: Uint8Array) =>
        Effect.suspend(() => {
          const name = draftName()
          const write = writeDraft(drafts + path.sep + name, bytes, file)
          return write.pipe(
            Effect.catchReason("PlatformError", "NotFound", () => Effect.andThen(makeDirectories, write)),
            Effect.catchIf(isNoPlaceForDrafts, () => writeDraft(`${results}${path.sep}.${name}`, bytes, file)),
            Effect.andThen(syncAbove)
          )
        })

      // Once for good: somebody who needed it less may have made `results`.
      let isAboveSynced = false
      const syncAbove = Effect.contextWith((context: Context.Context<never>) =>
        isAboveSynced || Context.get(context, Durability) === "process" ? Effect.void : sync(cacheDir).pipe(
          Effect.catchIf((error) => notOurs.has(errnoOf(error) ?? ""), () => Effect.void),
          Effect.map(() => {
            isAboveSynced = true
          })
        )
      )

      const recordsOf = (containerId: string | undefined, limits: JsonLimits) => {
        const decode = CacheEntry.decodeMany(limits)
        const attachmentIn = CacheEntry.attachmentIn(containerId)
        return (name: string) =>
          Effect.sync(() => {
            try {
              const reading = CacheFiles.readRecord(results + path.sep + name, limits)
              const entry = reading._tag === "Present" ? Result.getOrUndefined(decode(reading.bytes)) : undefined
              return entry && attachmentIn(name, entry)
            } catch {
              return undefined
            }
          })
      }

      return AttachmentCache.of({
        pathOf: fileOf,
        get: (key) => Effect.flatMap(safeFileOf(key, "read"), (file) => read(key, file)),
        put: (record) =>
          Effect.flatMap(safeFileOf(record, "write"), (file) =>
            replace(file, new TextEncoder().encode(CacheEntry.encode(record))).pipe(orIoError("write", file))),
        remove: (key) =>
          Effect.flatMap(safeFileOf(key, "remove"), (file) =>
            fs.remove(file).pipe(
              Effect.catchIf(cannotBeThere, () =>
                Effect.void),
              orIoError("remove", file)
            )),
        list: Effect.fnUntraced(function*(containerId) {
          const found = yield* fs.readDirectory(results).pipe(
            Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([])),
            orIoError("list", results)
          )
          const mayBeWanted = containerId === undefined
            ? () => true
            : mayBelongTo(containerId)
          const candidates = found.filter((name) => mayBeWanted(name) && !CacheFiles.isDraft(name))
          if (candidates.length === 0) {
            return []
          }
          const readRecord = recordsOf(containerId, recordLimitsIn(yield* Effect.context()))
          const records = yield* inSlices(inByteOrder(candidates), readRecord)
          return records.filter((record) => record !== undefined)
        }),
        files: CacheFiles.filesIn(fs, results).pipe(orIoError("list", results)),
        sweep: Effect.forEach([drafts, results], (directory) =>
          Effect.try({
            try: () => sweepDrafts(directory),
            catch: (error) => ioErrorOf("remove", directory, error)
          }), { discard: true })
      })
    })
  )

const cannotBeThere = (error: PlatformError): boolean => error.reason._tag === "NotFound" || errnoOf(error) === tooLong

const tooLong = "ENAMETOOLONG"

// `results` may be a mount of its own, and writable where what is above it is not.
const isNoPlaceForDrafts = (error: PlatformError): boolean => noPlaceForDrafts.has(errnoOf(error) ?? "")

const noPlaceForDrafts = new Set(["EXDEV", "EROFS", "EACCES", "EPERM"])

const errnoOf = (error: PlatformError): string | undefined => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined
}

const orIoError = (operation: CacheIoError["operation"], path: string) =>
  Effect.mapError((error: PlatformError) =>
    new CacheIoError({
      operation,
      path,
      reason: errnoOf(error) ?? error.reason._tag,
      detail: error.reason.description ?? error.message
    })
  )
