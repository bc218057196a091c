/** Keeps the journal in memory, through the same codec as the file system. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { type AttachmentKey, equals, fileName, mayBelongTo } from "../domain/AttachmentKey.ts"
import { limitsFor } from "../domain/CacheEntry.ts"
import { CacheEntryInvalid, CacheIoError } from "../domain/CniError.ts"
import * as JournalEntry from "../domain/JournalEntry.ts"
import { byCodePoint, defaultLimits } from "../domain/Json.ts"
import { AttachmentJournal } from "../services/AttachmentJournal.ts"
import { collectListing } from "./internal/journalListing.ts"

/** A journal that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentJournal> =>
  Layer.sync(AttachmentJournal, () => {
    const texts = new Map(Object.entries(files))
    const pathOf = (name: string) => `memory:journal/${name}`
    const decode = (name: string, text: string, network: string) =>
      Result.mapError(
        JournalEntry.decode(text, limitsFor(defaultLimits)),
        (issue) => new CacheEntryInvalid({ network, path: pathOf(name), issue })
      )
    // What stands under the key's file name, unless it is another attachment's.
    const ownText = (key: AttachmentKey): string | undefined => {
      const text = texts.get(fileName(key))
      const found = text === undefined
        ? undefined
        : Result.getOrUndefined(decode(fileName(key), text, key.network))
      return found === undefined || equals(found, key) ? text : undefined
    }
    return AttachmentJournal.of({
      pathOf: (key) => pathOf(fileName(key)),
      get: (key) =>
        Effect.suspend(() => {
          const text = texts.get(fileName(key))
          return text === undefined
            ? Effect.succeedNone
            : Effect.asSome(Effect.fromResult(decode(fileName(key), text, key.network)))
        }),
      begin: (entry) =>
        Effect.sync(() => {
          const name = fileName(entry)
          if (texts.has(name)) return false
          texts.set(name, JournalEntry.encode(entry))
          return true
        }),
      note: (key, event) =>
        Effect.suspend(() => {
          const name = fileName(key)
          const text = ownText(key)
          if (text === undefined) return Effect.fail(noEntry(pathOf(name)))
          texts.set(name, text.slice(0, text.lastIndexOf("\n") + 1) + JournalEntry.encodeEvent(event))
          return Effect.void
        }),
      remove: (key) => Effect.sync(() => void (ownText(key) !== undefined && texts.delete(fileName(key)))),
      list: (containerId) =>
        Effect.sync(() =>
          collectListing(
            [...texts].toSorted(([left], [right]) => byCodePoint(left, right)).flatMap(([name, text]) =>
              containerId === undefined || mayBelongTo(containerId)(name) ? [decode(name, text, "")] : []
            ),
            containerId
          )
        ),
      identity: Effect.succeed("memory"),
      audit: () => Effect.void,
      sweep: Effect.void
    })
  })

const noEntry = (path: string) =>
  new CacheIoError({ operation: "write", path, reason: "ENOENT", detail: "there is no such entry" })
