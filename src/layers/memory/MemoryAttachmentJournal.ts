/** Keeps the journal in memory, through the same codec as the file system. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type AttachmentKey, equals, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentJournal, type JournalListing } from "../../services/attachment/AttachmentJournal.ts"
import { collectListing, notOfItsName } from "../journal/journalListing.ts"
import { onName, withLimits } from "./memoryFileNames.ts"

/** A journal that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentJournal> =>
  Layer.sync(AttachmentJournal, () => make(new Map(Object.entries(files))))

const make = (texts: Map<string, string>): AttachmentJournal["Service"] =>
  AttachmentJournal.of({
    pathOf: (key) => pathOf(fileName(key)),
    get: (key) =>
      Effect.flatMap(
        onName("read", directory, key, (name, limits) => read(texts, name, limits, key.network)),
        (found) => Effect.fromResult(found)
      ),
    begin: (entry) =>
      onName("write", directory, entry, (name) => {
        if (texts.has(name)) return false
        texts.set(name, JournalEntry.encode(entry))
        return true
      }),
    note: (key, event) =>
      Effect.flatMap(
        onName("write", directory, key, (name, limits) => {
          const text = ownText(texts, key, limits)
          if (text === undefined) return Effect.fail(noEntry(pathOf(name)))
          texts.set(name, text.slice(0, text.lastIndexOf("\n") + 1) + JournalEntry.encodeEvent(event))
          return Effect.void
        }),
        (noted) => noted
      ),
    remove: (key) =>
      onName("remove", directory, key, (name, limits) => {
        if (ownText(texts, key, limits) !== undefined) texts.delete(name)
      }),
    list: (containerId) => withLimits((limits) => listed(texts, containerId, limits)),
    identity: Effect.succeed("memory"),
    audit: () => Effect.void,
    sweep: Effect.void
  })

const directory = "memory:journal/"

const pathOf = (name: string): string => `${directory}${name}`

const read = (texts: ReadonlyMap<string, string>, name: string, limits: JsonLimits, network: string) => {
  const text = texts.get(name)
  return text === undefined
    ? Result.succeed(Option.none())
    : Result.map(decode(name, text, limits, network), Option.some)
}

// What stands under the key's file name, unless it is another attachment's.
const ownText = (texts: ReadonlyMap<string, string>, key: AttachmentKey, limits: JsonLimits): string | undefined => {
  const name = fileName(key)
  const found = Result.getOrElse(read(texts, name, limits, key.network), Option.none)
  return Option.isSome(found) && !equals(found.value, key) ? undefined : texts.get(name)
}

const listed = (
  texts: ReadonlyMap<string, string>,
  containerId: string | undefined,
  limits: JsonLimits
): JournalListing => {
  const isWanted = containerId === undefined ? () => true : mayBelongTo(containerId)
  const read = inByteOrder([...texts.keys()].filter(isWanted)).map((name) => {
    const text = texts.get(name) ?? ""
    return decode(name, text, limits, JournalEntry.networkIn(text, limits))
  })
  return collectListing(read, containerId)
}

const decode = (name: string, text: string, limits: JsonLimits, network: string) =>
  JournalEntry.decode(text, limits).pipe(
    Result.filterOrFail((entry) => fileName(entry) === name, () => notOfItsName),
    Result.mapError((issue) => new CacheEntryInvalid({ network, path: pathOf(name), issue }))
  )

const noEntry = (path: string) =>
  new CacheIoError({ operation: "write", path, reason: "ENOENT", detail: "there is no such entry" })
