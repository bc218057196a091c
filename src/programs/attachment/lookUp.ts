/** Looks up what the cache and the journal have of an attachment, and tells its own from what is another attachment's. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import { type CacheEntry, ownerOf } from "../../domain/attachment/CacheEntry.ts"
import { type JournalEntry, type Origin, standing } from "../../domain/attachment/JournalEntry.ts"
import type { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { Compat } from "../../services/Tunables.ts"

/** A file: that there is none, what is in it, or why it cannot be read. */
export type Reading<A> =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Present"; readonly value: A }
  | { readonly _tag: "Unreadable"; readonly error: CacheIoError | CacheEntryInvalid }

export const absent: Reading<never> = { _tag: "Absent" }

export const present = <A>(value: A): Reading<A> => ({ _tag: "Present", value })

/** What is in the file, if it can be read. */
export const valueOf = <A>(reading: Reading<A>): A | undefined => reading._tag === "Present" ? reading.value : undefined

/**
 * - `record`, `entry`: the attachment's own. An entry that its own record contradicts is absent.
 * - `fileNameOwner`: the other attachment that has the same file name. There can be an own entry all the same: a process
 *   that died in a race for the name has left one, or a runtime without a journal has written its record over ours.
 */
export interface StoredAttachment {
  readonly key: AttachmentKey.AttachmentKey
  readonly record: Reading<CacheEntry>
  readonly entry: Reading<JournalEntry>
  readonly fileNameOwner: AttachmentKey.AttachmentKey | undefined
}

/** Whether neither a record nor an entry is there. */
export const isAbsent = ({ entry, record }: StoredAttachment): boolean =>
  entry._tag === "Absent" && record._tag === "Absent"

/**
 * Reads the record, and the entry unless it is `listed` already. An entry is removed when a runtime without a journal has
 * changed the attachment since. To be called with a lock that keeps the attachment as it is.
 */
export const lookUp = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  listed?: JournalEntry
): Effect.fn.Return<StoredAttachment, never, AttachmentCache | AttachmentJournal> {
  const recorded = yield* reading((yield* AttachmentCache).get(key))
  const journaled = listed === undefined ? yield* readEntry(key) : present(listed)
  const record = valueOf(recorded)
  const entry = valueOf(journaled)
  if (entry !== undefined && !AttachmentKey.equals(entry, key)) {
    return { key, record: absent, entry: absent, fileNameOwner: AttachmentKey.of(entry) }
  }
  const fileNameOwner = record && otherOwnerOf(record, key)
  // An entry that cannot be read may be that of the other owner.
  if (fileNameOwner !== undefined) {
    return { key, record: absent, entry: entry === undefined ? absent : journaled, fileNameOwner }
  }
  const own = record === undefined ? recorded : present(identified(record, key))
  // An unreadable record is no evidence against the entry.
  const isOvertaken = own._tag !== "Unreadable" && entry !== undefined && standing(entry, record) === "overtaken"
  if (!isOvertaken) return { key, record: own, entry: journaled, fileNameOwner }
  // The record may be newer than the listing.
  if (listed !== undefined) return yield* lookUp(key)
  return { key, record: own, entry: yield* removeOvertaken(key), fileNameOwner }
})

const reading = <A, R>(
  get: Effect.Effect<Option.Option<A>, CacheIoError | CacheEntryInvalid, R>
): Effect.Effect<Reading<A>, never, R> =>
  Effect.match(get, {
    onFailure: (error): Reading<A> => ({ _tag: "Unreadable", error }),
    onSuccess: Option.match({ onNone: () => absent, onSome: present })
  })

const readEntry = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  if ((yield* Compat) === "libcni") return absent
  return yield* reading((yield* AttachmentJournal).get(key))
})

const removeOvertaken = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  yield* Effect.logInfo(
    `container "${key.containerId}" on network "${key.network}" was changed by another runtime: forgetting its journal entry`
  )
  return yield* reading(Effect.as((yield* AttachmentJournal).remove(key), Option.none<JournalEntry>()))
})

/** The attachment that an entry names, if it is another one. */
const otherOwnerOf = (
  entry: CacheEntry,
  key: AttachmentKey.AttachmentKey
): AttachmentKey.AttachmentKey | undefined => {
  const owner = ownerOf(entry)
  return owner !== undefined && !AttachmentKey.agrees(owner, key) ? owner : undefined
}

/** The entry, with those members of its key that it does not name. */
const identified = (entry: CacheEntry, key: AttachmentKey.AttachmentKey): CacheEntry =>
  entry._tag !== "CacheRecord" || AttachmentKey.isWhole(entry) ? entry : { ...entry, ...AttachmentKey.of(key) }

/** The attachment's own record, read without a lock. */
export const readRecord = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey
): Effect.fn.Return<
  Option.Option<CacheEntry>,
  CacheIoError | CacheEntryInvalid,
  AttachmentCache | AttachmentJournal
> {
  const entry = Option.getOrUndefined(yield* (yield* AttachmentCache).get(key))
  if (entry === undefined || otherOwnerOf(entry, key) !== undefined) return Option.none()
  const owner = ownerOf(entry)
  const isOwn = owner !== undefined && AttachmentKey.isWhole(owner) || (yield* isFreeInJournal(key))
  return isOwn ? Option.some(identified(entry, key)) : Option.none()
})

// A record that does not name its attachment belongs to the journal's entry of the same file name, if there is one.
const isFreeInJournal = (key: AttachmentKey.AttachmentKey) =>
  Effect.map(readEntry(key), (journaled) => {
    const entry = valueOf(journaled)
    return entry === undefined || AttachmentKey.equals(entry, key)
  })

/** Where the runtime ran that began an entry. */
export const originOf = ({ owner }: JournalEntry): Effect.Effect<Origin, never, AttachmentLock> =>
  AttachmentLock.use((locks) => locks.originOf(owner))

/**
 * Whether an attachment ought to be gone: an operation on it was not completed, its scope has died, or the host was
 * started again since. What another machine has attached by a shared cache is left to that machine.
 */
export const isToBeDeleted = Effect.fnUntraced(function*(
  entry: JournalEntry
): Effect.fn.Return<boolean, CacheIoError, AttachmentLock> {
  const origin = yield* originOf(entry)
  if (origin !== "this boot") return origin === "earlier boot"
  if (entry.state !== "attached") return true
  return entry.scoped && !(yield* (yield* AttachmentLock).isAlive(entry.owner))
})

/** The entry, if its attachment ought to be gone. */
export const unfinished = (
  stored: StoredAttachment
): Effect.Effect<JournalEntry | undefined, CacheIoError, AttachmentLock> => {
  const entry = valueOf(stored.entry)
  if (entry === undefined) return Effect.undefined
  return Effect.map(isToBeDeleted(entry), (isLeft) => isLeft ? entry : undefined)
}
