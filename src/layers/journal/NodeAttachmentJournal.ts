/** Keeps the journal as files: `<cacheDir>/effect-cni/journal/<two hex digits>/<network>-<container ID>-<ifName>`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Path from "node:path"
import { type AttachmentKey, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { Durability } from "../../services/Tunables.ts"
import { appendLine } from "../files/openFile.ts"
import { madeIfMissing } from "../files/privateDirectory.ts"
import * as RegularFile from "../files/readRegularFile.ts"
import { attempt as attemptAt, recordLimitsIn, unsafeName } from "../files/systemErrors.ts"
import { createWhole, removeIfThere, sweepDrafts } from "../files/writeWholeFile.ts"
import { forEachSliced } from "../process/eventLoop.ts"
import * as Files from "./journalFiles.ts"
import { isShard } from "./journalFiles.ts"
import { collectListing } from "./journalListing.ts"

/**
 * The journal in a cache directory, made (mode 0700) with the first entry. An entry is made whole, and grows by lines: a
 * crash can only cut off the line that was written last. The calls are synchronous, since each takes some 20 µs. Where
 * another user can write to the journal, all fails (`CacheOwnership`).
 */
export const layer = (cacheDir: string): Layer.Layer<AttachmentJournal> =>
  Layer.sync(AttachmentJournal, () => make(Files.placeIn(cacheDir)))

const make = (place: Files.Place): AttachmentJournal["Service"] => {
  const files = accessTo(place)
  const { attempt, onFile } = files
  return AttachmentJournal.of({
    pathOf: (key) => Files.pathOf(place, key),
    get: (key) =>
      onFile("read", key, (file, context) => read(place, key, file, context)).pipe(
        Effect.flatMap(Effect.fromResult),
        Effect.map(Option.fromUndefinedOr)
      ),
    begin: (entry) => onFile("write", entry, (file, context) => begin(files, entry, file, context)),
    note: (key, event) =>
      onFile(
        "write",
        key,
        (file, context) =>
          appendLine(file, JournalEntry.encodeEvent(event), event._tag === "Became" && isDurable(context))
      ),
    remove: (key) => onFile("remove", key, (file, context) => removeIfThere(file, isDurable(context))),
    list: Effect.fnUntraced(function*(containerId) {
      const context = yield* Effect.context()
      const paths = yield* (containerId === undefined ? allFiles(files) : filesOf(files, containerId))
      const found = yield* forEachSliced(paths, (path) => Effect.succeed(Files.readListed(place, path, context)))
      return collectListing(found, containerId)
    }),
    identity: Effect.sync(() => Files.identityOf(place.directory)),
    audit: (line) => {
      const file = Path.join(place.base, "abandoned.log")
      return attempt("write", file, () => madeIfMissing([place.base], () => RegularFile.append(file, `${line}\n`)))
    },
    sweep: attempt("remove", place.drafts, () => sweepDrafts(place.drafts))
  })
}

/** A journal whose files are used only while no other user can write to them. */
interface Access {
  readonly place: Files.Place
  readonly assertPrivate: ReturnType<typeof Files.privacyOf>
  readonly syncShard: (shard: string) => void
  readonly attempt: typeof attemptAt
  readonly onFile: <A>(
    operation: CacheIoError["operation"],
    key: AttachmentKey,
    action: (file: string, context: Context.Context<never>) => A
  ) => Effect.Effect<A, CacheIoError>
}

const accessTo = (place: Files.Place): Access => {
  const assertPrivate = Files.privacyOf(place)
  const attempt: Access["attempt"] = (operation, path, action) =>
    attemptAt(operation, path, (context) => {
      // What is not there yet cannot be acted on.
      assertPrivate(context, operation !== "write")
      return action(context)
    })
  const onFile: Access["onFile"] = (operation, key, action) => {
    const path = Files.pathOf(place, key)
    return unsafeName(operation, place.directory, fileName(key)) ??
      attempt(operation, path, (context) => action(path, context))
  }
  return { place, assertPrivate, attempt, onFile, syncShard: Files.syncingShards(place) }
}

const isDurable = (context: Context.Context<never>): boolean => Context.get(context, Durability) === "power-loss"

const read = (place: Files.Place, key: AttachmentKey, own: string, context: Context.Context<never>) => {
  for (const path of [own, ...Files.othersOf(place, key)]) {
    const reading = Files.readAt(path, context)
    if (reading._tag !== "Absent") return Files.decode(place, path, reading, recordLimitsIn(context), key.network)
  }
  return Result.succeed(undefined)
}

const begin = (
  { assertPrivate, place, syncShard }: Access,
  entry: JournalEntry.JournalEntry,
  file: string,
  context: Context.Context<never>
): boolean => {
  const durable = isDurable(context)
  const { drafts } = place
  if (Files.othersOf(place, entry).length > 0) return false
  const isMade = madeIfMissing([Path.dirname(file), drafts], () => {
    // Once more, because the directories may just have been made.
    assertPrivate(context, false)
    return createWhole(file, JournalEntry.encode(entry), { drafts, durable })
  })
  if (!isMade) return false
  let hasBegun = false
  try {
    if (durable) syncShard(Path.dirname(file))
    // Of two that begin at the same moment neither goes on, rather than both.
    hasBegun = Files.othersOf(place, entry).length === 0
    return hasBegun
  } finally {
    if (!hasBegun) removeIfThere(file, durable)
  }
}

const filesOf = ({ attempt, place }: Access, containerId: string) => {
  const directory = Files.directoryOf(place, containerId)
  return attempt(
    "list",
    directory,
    () => Files.namesIfThere(directory).filter(mayBelongTo(containerId)).map((name) => directory + Path.sep + name)
  )
}

// By file name, then by directory. What is in no directory of ours is listed, too, and is said to be damaged.
const allFiles = Effect.fnUntraced(function*({ attempt, place: { directory } }: Access) {
  const shards = yield* attempt("list", directory, () => Files.namesIfThere(directory))
  const found = yield* forEachSliced(shards, (shard) => {
    const path = directory + Path.sep + shard
    const damaged = [[shard, path] as const]
    if (!isShard(shard)) return Effect.succeed(damaged)
    return attempt(
      "list",
      path,
      () => Files.namesIfThere(path).map((name) => [`${name}\0${shard}`, path + Path.sep + name] as const)
    ).pipe(
      Effect.catchIf(({ reason }) => reason === "ENOTDIR", () => Effect.succeed(damaged))
    )
  })
  const paths = new Map(found.flat())
  return inByteOrder([...paths.keys()]).flatMap((place) => paths.get(place) ?? [])
})
