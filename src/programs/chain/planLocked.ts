/** What a GC is going to delete, found out while nothing else happens on the network. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import { isOfNetwork, type JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { byCodePoint } from "../../domain/json/Json.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import type { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import type { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { Compat } from "../../services/Tunables.ts"
import { isOfOtherMachine, whatIsKnown } from "../attachment/known.ts"
import { listOfEntry, listOfRecord } from "../attachment/stored.ts"

/** An attachment that must survive a GC. */
export interface GcAttachment {
  readonly containerId: string
  readonly ifName: string
}

/**
 * The attachments that must survive, or how to find out: it is found out while nothing else happens on the network, when
 * everything else is known.
 */
export type KeepSet<E = never, R = never> =
  | ReadonlyArray<GcAttachment>
  | Effect.Effect<ReadonlyArray<GcAttachment>, E, R>

/** What is stored of an attachment: what it was made with, what is recorded, or both; and the list that undoes it. */
type Stored =
  & { readonly list: NetworkConfigList.NetworkConfigList }
  & ({ readonly entry: JournalEntry; readonly record: CacheRecord | undefined } | {
    readonly entry: undefined
    readonly record: CacheRecord
  })

/**
 * What is to be deleted: because it is not in the keep-set (`unwanted`), or because an operation on it was not completed
 * (`unfinished`), whether it is in the keep-set or not.
 */
export type Stale = AttachmentKey.AttachmentKey & Stored & { readonly reason: "unwanted" | "unfinished" }

/** What a GC would do. */
export interface GcPlan {
  readonly keep: ReadonlyArray<GcAttachment>
  readonly stale: ReadonlyArray<Stale>
}

/** The plan, ordered by file name. To be called with the network's lock. */
export const planLocked = Effect.fnUntraced(function*<E, R>(
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
  const network = given.name
  const records = (yield* (yield* AttachmentCache).list()).filter((record) => record.network === network)
  const journaled = (yield* Compat) === "libcni" ? [] : (yield* (yield* AttachmentJournal).list()).entries
  const recorded = new Set(records.map(nameOf))
  const unrecorded = journaled.filter((entry) =>
    entry.network === network && !isOfNetwork(entry) && !recorded.has(nameOf(entry))
  )
  const found = [
    ...(yield* Effect.forEach(records, (record) => ofRecord(record, given))),
    ...(yield* Effect.forEach(unrecorded, (entry) => ofEntry(entry, given))).flat()
  ]
  const here = yield* Effect.filter(found, ({ entry }) => Effect.map(isOfOtherMachine(entry), (isOther) => !isOther))
  return here.sort((left, right) => byCodePoint(AttachmentKey.fileName(left), AttachmentKey.fileName(right)))
})

type FoundHere = AttachmentKey.AttachmentKey & Stored

const ofRecord = Effect.fnUntraced(function*(record: CacheRecord, given: NetworkConfigList.NetworkConfigList) {
  const key = AttachmentKey.of(record)
  const entry = Result.getOrElse((yield* whatIsKnown(key)).entry, () => undefined)
  return { ...key, record, entry, list: yield* listFor(entry, record, given) } satisfies FoundHere
})

const ofEntry = Effect.fnUntraced(function*(begun: JournalEntry, given: NetworkConfigList.NetworkConfigList) {
  const key = AttachmentKey.of(begun)
  const entry = Result.getOrElse((yield* whatIsKnown(key)).entry, () => undefined)
  if (entry === undefined) return []
  return [{ ...key, record: undefined, entry, list: yield* listFor(entry, undefined, given) } satisfies FoundHere]
})

// The chain that it was made with; of what has no entry, the one that is recorded; else the one that is given.
const listFor = Effect.fnUntraced(function*(
  entry: JournalEntry | undefined,
  record: CacheRecord | undefined,
  given: NetworkConfigList.NetworkConfigList
) {
  const made = entry && Result.getOrUndefined(yield* Effect.result(listOfEntry(entry)))
  if (made !== undefined) return made
  // What is recorded is the list's own text: only the given one has the drop-ins.
  if (record === undefined || equalBytes(record.config, given.bytes)) return given
  return (yield* listOfRecord(record)) ?? given
})

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.byteLength === right.byteLength && left.every((byte, at) => byte === right[at])
