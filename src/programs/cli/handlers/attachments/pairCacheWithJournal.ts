/** Pairs the cache file and the journal entry of each attachment. */
import * as Result from "effect/Result"
import * as AttachmentKey from "../../../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../../../domain/attachment/CacheEntry.ts"
import { isOfNetwork, type JournalEntry, standing } from "../../../../domain/attachment/JournalEntry.ts"
import { inByteOrder } from "../../../../domain/json/Json.ts"
import type { CacheFile } from "../../../../services/attachment/AttachmentCache.ts"
import type { JournalListing } from "../../../../services/attachment/AttachmentJournal.ts"
import type { AttachmentsView, AttachmentView } from "../views.ts"

/** An attachment with its cache file, its journal entry, or both. */
export interface Paired {
  readonly key: AttachmentKey.AttachmentKey
  readonly state: AttachmentView["state"]
  readonly file: CacheFile | undefined
  readonly record: CacheRecord | undefined
  readonly entry: JournalEntry | undefined
}

/** Every file of both: none is left out. */
export interface Pairing {
  readonly attachments: ReadonlyArray<Paired>
  readonly collecting: ReadonlyArray<JournalEntry>
  readonly unreadable: AttachmentsView["unreadable"]
}

/** Files that are no attachments are `unreadable`. */
export const pair = (files: ReadonlyArray<CacheFile>, { damaged, entries }: JournalListing): Pairing => {
  const fileBy = new Map(files.map((file) => [file.name, file]))
  const entriesBy = Map.groupBy(entries.filter((one) => !isOfNetwork(one)), AttachmentKey.fileName)
  const names = inByteOrder([...new Set([...fileBy.keys(), ...entriesBy.keys()])])
  const attachments = names.flatMap((name) => paired(fileBy.get(name), entriesBy.get(name) ?? []))
  const recorded = new Set(attachments.flatMap(({ file, record }) => record === undefined ? [] : [file]))
  return {
    attachments,
    collecting: entries.filter(isOfNetwork),
    unreadable: [
      ...files.filter((file) => !recorded.has(file)).flatMap(unreadableFile),
      ...damaged.map(({ issue, path }) => ({ file: path, issue }))
    ]
  }
}

// Attachments of different containers can have one file name, and then an entry each.
const paired = (file: CacheFile | undefined, entries: ReadonlyArray<JournalEntry>): ReadonlyArray<Paired> => {
  const content = file && Result.getOrUndefined(file.content)
  const record = content?._tag === "CacheRecord" ? content : undefined
  const journaled = entries.flatMap((entry) => ofEntry(entry, file, record))
  if (file === undefined || record === undefined || journaled.some((one) => one.record !== undefined)) return journaled
  // A record that does not name its attachment is of the one in the file's name, if the name can be of one only.
  const [key, ...others] = AttachmentKey.isWhole(record)
    ? [AttachmentKey.of(record)]
    : AttachmentKey.ofFileName(file.name, record)
  return key === undefined || others.length > 0
    ? journaled
    : [...journaled, { key, state: "attached", file, record, entry: undefined }]
}

const ofEntry = (
  entry: JournalEntry,
  file: CacheFile | undefined,
  record: CacheRecord | undefined
): ReadonlyArray<Paired> => {
  const ours: Paired = { key: AttachmentKey.of(entry), state: entry.state, file, record, entry }
  if (record !== undefined && !AttachmentKey.agrees(record, entry)) {
    return [{ ...ours, file: undefined, record: undefined }]
  }
  // An unreadable record is no evidence against the entry.
  if (file !== undefined && record === undefined) return [ours]
  if (standing(entry, record) !== "overtaken") return [ours]
  return record === undefined ? [{ ...ours, state: "vanished" }] : []
}

const unreadableFile = ({ content, name, path }: CacheFile): AttachmentsView["unreadable"] => {
  if (Result.isFailure(content)) return [{ file: path, issue: content.failure }]
  const entry = content.success
  if (entry._tag === "ForeignEntry") {
    return [{ file: path, issue: entry.issue ?? "it is a result without a record, as runtimes of old wrote it" }]
  }
  if (AttachmentKey.isWhole(entry)) return []
  const isNamed = AttachmentKey.ofFileName(name, entry).length > 0
  return [{ file: path, issue: `it does not say whose it is, and ${isNamed ? ofSeveral : ofNone}` }]
}

const ofNone = "its name is that of no attachment"

const ofSeveral = "its name can be of several attachments: " +
  "effect-cni del NETWORK --container-id ID -i IFNAME deletes the one that you mean"
