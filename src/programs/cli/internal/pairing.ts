/** Brings together what the cache and the journal say of each attachment. */
import * as Result from "effect/Result"
import * as AttachmentKey from "../../../domain/AttachmentKey.ts"
import { type CacheEntry, type CacheRecord, isAttachment } from "../../../domain/CacheEntry.ts"
import { isOfNetwork, type JournalEntry, standing } from "../../../domain/JournalEntry.ts"
import { inByteOrder } from "../../../domain/Json.ts"
import type { CacheFile } from "../../../services/AttachmentCache.ts"
import type { JournalListing } from "../../../services/AttachmentJournal.ts"
import type { AttachmentsView, AttachmentView } from "./views.ts"

/** An attachment as the two have it: one of them at least. */
export interface Paired {
  readonly key: AttachmentKey.AttachmentKey
  readonly state: AttachmentView["state"]
  readonly file: CacheFile | undefined
  readonly record: CacheRecord | undefined
  readonly entry: JournalEntry | undefined
}

/** All that there is. */
export interface Pairing {
  readonly attachments: ReadonlyArray<Paired>
  readonly collecting: ReadonlyArray<JournalEntry>
  readonly unreadable: AttachmentsView["unreadable"]
}

/** Nothing is left out: what is no attachment is `unreadable`. */
export const pair = (files: ReadonlyArray<CacheFile>, { damaged, entries }: JournalListing): Pairing => {
  const fileBy = new Map(files.map((file) => [file.name, file]))
  const entriesBy = Map.groupBy(entries.filter((one) => !isOfNetwork(one)), AttachmentKey.fileName)
  const names = inByteOrder([...new Set([...fileBy.keys(), ...entriesBy.keys()])])
  return {
    attachments: names.flatMap((name) => paired(fileBy.get(name), entriesBy.get(name) ?? [])),
    collecting: entries.filter(isOfNetwork),
    unreadable: [
      ...files.flatMap(unreadableFile),
      ...damaged.map(({ issue, path }) => ({ file: path, issue }))
    ]
  }
}

// Attachments of different containers can have one file name, and then an entry each.
const paired = (file: CacheFile | undefined, entries: ReadonlyArray<JournalEntry>): ReadonlyArray<Paired> => {
  const content = file && Result.getOrUndefined(file.content)
  const record = content && recordIn(content)
  const journaled = entries.flatMap((entry) => ofEntry(entry, file, record))
  return record === undefined || journaled.some((one) => one.record !== undefined)
    ? journaled
    : [...journaled, { key: AttachmentKey.of(record), state: "attached", file, record, entry: undefined }]
}

const ofEntry = (
  entry: JournalEntry,
  file: CacheFile | undefined,
  record: CacheRecord | undefined
): ReadonlyArray<Paired> => {
  const ours: Paired = { key: AttachmentKey.of(entry), state: entry.state, file, record, entry }
  if (record !== undefined && !AttachmentKey.equals(record, entry)) {
    return [{ ...ours, file: undefined, record: undefined }]
  }
  // A record that cannot be read contradicts nothing.
  if (file !== undefined && record === undefined) return [ours]
  if (standing(entry, record) !== "overtaken") return [ours]
  return record === undefined ? [{ ...ours, state: "vanished" }] : []
}

const recordIn = (content: CacheEntry): CacheRecord | undefined =>
  isAttachment(undefined)(content) ? content : undefined

const unreadableFile = ({ content, path }: CacheFile): AttachmentsView["unreadable"] => {
  if (Result.isFailure(content)) return [{ file: path, issue: content.failure }]
  if (recordIn(content.success) !== undefined) return []
  const issue = content.success._tag === "CacheRecord"
    ? "it does not say whose it is"
    : content.success.issue ?? "it is a result without a record, as runtimes of old wrote it"
  return [{ file: path, issue }]
}
