/** Finds what a GC deletes. Its network's lock keeps every other operation on the network away meanwhile. */
import * as Effect from "effect/Effect"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import { isOfNetwork, type JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { byCodePoint } from "../../domain/json/Json.ts"
import type { GcAttachment, GcPlan, KeepSet, Stale } from "../../domain/VerbOutcomes.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import type { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import type { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { Compat } from "../../services/Tunables.ts"
import { lookUp, originOf, valueOf } from "../attachment/lookUp.ts"
import { listOfEntry, listOfRecord } from "../attachment/restore.ts"

/** The plan, ordered by file name. To be called with the network's lock. */
export const makePlan = Effect.fnUntraced(function*<E, R>(
  given: NetworkConfigList.NetworkConfigList,
  keepSet: KeepSet<E, R>
): Effect.fn.Return<
  GcPlan,
  CacheIoError | E,
  AttachmentCache | AttachmentJournal | AttachmentLock | VersionComparison | R
> {
  const found = yield* attachmentsOf(given)
  const keep = Effect.isEffect(keepSet) ? yield* keepSet : keepSet
  const kept = new Set(keep.map(nameOf))
  const isKept = (one: GcAttachment) => kept.has(nameOf(one))
  const stale = found.flatMap((one): ReadonlyArray<Stale> => {
    // A scope that has died may be kept all the same: what runs in the container may have outlived it.
    if (one.entry !== undefined && one.entry.state !== "attached") return [{ ...one, reason: "unfinished" }]
    return isKept(one) ? [] : [{ ...one, reason: "unwanted" }]
  })
  return { keep, stale }
})

const nameOf = ({ containerId, ifName }: GcAttachment): string => JSON.stringify([containerId, ifName])

const attachmentsOf = Effect.fnUntraced(function*(given: NetworkConfigList.NetworkConfigList) {
  const isHere = (one: AttachmentKey.AttachmentKey) => one.network === given.name && !isOfNetwork(one)
  const records = (yield* (yield* AttachmentCache).list()).filter(isHere)
  const journaled = (yield* Compat) === "libcni"
    ? []
    : (yield* (yield* AttachmentJournal).list()).entries.filter(isHere)
  const recordOf = new Map(records.map((record) => [nameOf(record), record]))
  const entryOf = new Map(journaled.map((entry) => [nameOf(entry), entry]))
  const unrecorded = journaled.filter((entry) => !recordOf.has(nameOf(entry)))
  const found = yield* Effect.forEach(
    [...records, ...unrecorded],
    (one) => storedOf(AttachmentKey.of(one), recordOf.get(nameOf(one)), entryOf.get(nameOf(one)), given)
  )
  return found.flat().sort((left, right) => byCodePoint(AttachmentKey.fileName(left), AttachmentKey.fileName(right)))
})

// Nothing where the entry is overtaken, or the attachment is another machine's.
const storedOf = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  record: CacheRecord | undefined,
  listed: JournalEntry | undefined,
  given: NetworkConfigList.NetworkConfigList
) {
  const entry = valueOf((yield* lookUp(key, listed)).entry)
  if (entry !== undefined && (yield* originOf(entry)) === "other machine") return []
  const list = yield* listFor(entry, record, given)
  if (entry !== undefined) return [{ ...key, entry, record, list }]
  return record === undefined ? [] : [{ ...key, entry, record, list }]
})

// The chain in the entry, without an entry the one in the record, else the given one.
const listFor = Effect.fnUntraced(function*(
  entry: JournalEntry | undefined,
  record: CacheRecord | undefined,
  given: NetworkConfigList.NetworkConfigList
) {
  const made = entry && (yield* Effect.orElseSucceed(listOfEntry(entry), () => undefined))
  if (made !== undefined) return made
  // The record has the text of the list alone: only the given list has the drop-ins.
  if (record === undefined || equalBytes(record.config, given.bytes)) return given
  return (yield* listOfRecord(record)) ?? given
})

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.byteLength === right.byteLength && left.every((byte, at) => byte === right[at])
