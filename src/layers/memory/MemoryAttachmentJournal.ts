/** Keeps the journal in memory, through the same codec as the file system. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { type AttachmentKey, equals, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import { collectListing, notOfItsName } from "../journal/journalListing.ts"
import { onName } from "./memoryFiles.ts"

/** A journal that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentJournal> =>
  Layer.sync(AttachmentJournal, () => {
    const texts = new Map(Object.entries(files))
    // What stands under the key's file name, unless it is another attachment's.
    const ownText = (key: AttachmentKey, limits: JsonLimits): string | undefined => {
      const text = texts.get(fileName(key))
      const found = text === undefined
        ? undefined
        : Result.getOrUndefined(decode(fileName(key), text, limits, key.network))
      return found === undefined || equals(found, key) ? text : undefined
    }
    const onFile = <A, E>(
      operation: CacheIoError["operation"],
      key: AttachmentKey,
      action: (name: string, limits: JsonLimits) => Effect.Effect<A, E>
    ) =>
      Effect.contextWith((context: Context.Context<never>) =>
        onName(
          operation,
          directory,
          fileName(key),
          Effect.suspend(() => action(fileName(key), recordLimitsIn(context)))
        )
      )
    return AttachmentJournal.of({
      pathOf: (key) => pathOf(fileName(key)),
      get: (key) =>
        onFile("read", key, (name, limits) => {
          const text = texts.get(name)
          return text === undefined
            ? Effect.succeedNone
            : Effect.asSome(Effect.fromResult(decode(name, text, limits, key.network)))
        }),
      begin: (entry) =>
        onFile("write", entry, (name) =>
          Effect.sync(() => {
            if (texts.has(name)) return false
            texts.set(name, JournalEntry.encode(entry))
            return true
          })),
      note: (key, event) =>
        onFile("write", key, (name, limits) => {
          const text = ownText(key, limits)
          if (text === undefined) return Effect.fail(noEntry(pathOf(name)))
          texts.set(name, text.slice(0, text.lastIndexOf("\n") + 1) + JournalEntry.encodeEvent(event))
          return Effect.void
        }),
      remove: (key) =>
        onFile(
          "remove",
          key,
          (name, limits) => Effect.sync(() => void (ownText(key, limits) !== undefined && texts.delete(name)))
        ),
      list: (containerId) =>
        Effect.contextWith((context: Context.Context<never>) => {
          const limits = recordLimitsIn(context)
          const isWanted = containerId === undefined ? () => true : mayBelongTo(containerId)
          const read = inByteOrder([...texts.keys()].filter(isWanted)).map((name) => {
            const text = texts.get(name) ?? ""
            return decode(name, text, limits, JournalEntry.networkIn(text, limits))
          })
          return Effect.succeed(collectListing(read, containerId))
        }),
      identity: Effect.succeed("memory"),
      audit: () => Effect.void,
      sweep: Effect.void
    })
  })

const directory = "memory:journal/"

const pathOf = (name: string): string => `${directory}${name}`

const decode = (name: string, text: string, limits: JsonLimits, network: string) =>
  JournalEntry.decode(text, limits).pipe(
    Result.filterOrFail((entry) => fileName(entry) === name, () => notOfItsName),
    Result.mapError((issue) => new CacheEntryInvalid({ network, path: pathOf(name), issue }))
  )

const noEntry = (path: string) =>
  new CacheIoError({ operation: "write", path, reason: "ENOENT", detail: "there is no such entry" })
