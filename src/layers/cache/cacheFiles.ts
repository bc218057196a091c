/** Looks at all that is in the directory of the records, for people who look for what is wrong with it. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import type { CacheFile } from "../../services/attachment/AttachmentCache.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import * as RegularFile from "../files/regularFile.ts"

/** Whether a file is one that is being written, or was when its writer died. */
export const isDraft = (name: string): boolean => name.startsWith(".") && name.endsWith(".tmp")

/** Every file there, readable or not; none where there is no such directory. */
export const filesIn = Effect.fnUntraced(function*(
  fs: FileSystem.FileSystem,
  directory: string
): Effect.fn.Return<ReadonlyArray<CacheFile>, PlatformError> {
  const limits = recordLimitsIn(yield* Effect.context())
  const names = yield* fs.readDirectory(directory).pipe(
    Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([]))
  )
  const files = yield* Effect.forEach(
    inByteOrder(names.filter((name) => !isDraft(name))),
    (name) => fileAt(fs, name, `${directory}/${name}`, limits)
  )
  return files.flatMap(Option.toArray)
})

const fileAt = Effect.fnUntraced(function*(
  fs: FileSystem.FileSystem,
  name: string,
  path: string,
  limits: JsonLimits
) {
  const content = yield* Effect.sync(() => contentAt(path, limits))
  if (content === undefined) return Option.none<CacheFile>()
  const written = Option.flatMap(yield* Effect.option(fs.stat(path)), ({ mtime }) => mtime)
  return Option.some({ name, path, content, writtenAt: Option.getOrUndefined(Option.map(written, Number)) })
})

const contentAt = (path: string, limits: JsonLimits): CacheFile["content"] | undefined => {
  try {
    const reading = readRecord(path, limits)
    if (reading._tag === "Absent") return undefined
    return reading._tag === "Present" ? CacheEntry.decode(reading.bytes, limits) : Result.fail(reading.issue)
  } catch (error) {
    return Result.fail(error instanceof Error ? error.message : String(error))
  }
}

/** Reads the file of a record, which another runtime may have made. Throws what the system says. */
export const readRecord = (path: string, { maxBytes }: JsonLimits): RegularFile.Reading =>
  RegularFile.read(path, { maxBytes, links: "follow" })
