/** What is known of an attachment: what is recorded, what the journal says, and what to make of the two. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheEntry } from "../../domain/attachment/CacheEntry.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import type { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { Compat } from "../../services/Tunables.ts"
import type { ContainerEntries } from "../guard/collecting.ts"
import { identified, strangerIn } from "./record.ts"

/** A file as it could be read; the attachment's own content, or why there is no knowing. */
export type Reading<A> = Result.Result<A | undefined, CacheIoError | CacheEntryInvalid>

/**
 * - `record`, `entry`: the attachment's own. An entry that its own record contradicts is none.
 * - `stranger`: the other attachment that has the file name. There can be an own entry all the same: who died in a race
 *   for the name has left one, and a runtime without a journal may have written its record over ours.
 */
export interface Known {
  readonly record: Reading<CacheEntry>
  readonly entry: Reading<JournalEntry.JournalEntry>
  readonly stranger: AttachmentKey.AttachmentKey | undefined
}

/**
 * Reads what there is, but for an entry among those that were listed since the lock was had. An entry that somebody without
 * a journal has overtaken is removed: to be called with a lock that keeps the attachment as it is.
 */
export const whatIsKnown = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  listed: ContainerEntries = Result.succeed([])
): Effect.fn.Return<Known, never, AttachmentCache | AttachmentJournal> {
  const cache = yield* AttachmentCache
  const recorded = Result.map(yield* Effect.result(cache.get(key)), Option.getOrUndefined)
  const own = Result.getOrElse(listed, () => []).find((entry) => AttachmentKey.equals(entry, key))
  const journaled = own === undefined ? yield* readEntry(key) : Result.succeed(own)
  const found = Result.getOrElse(recorded, () => undefined)
  const begun = Result.getOrElse(journaled, () => undefined)
  if (begun !== undefined && !AttachmentKey.equals(begun, key)) {
    return { record: nothing, entry: nothing, stranger: AttachmentKey.of(begun) }
  }
  const stranger = found && strangerIn(found, key)
  // One that cannot be read may be the stranger's.
  if (stranger !== undefined) return { record: nothing, entry: begun === undefined ? nothing : journaled, stranger }
  // A record that cannot be read contradicts nothing.
  if (Result.isFailure(recorded)) return { record: recorded, entry: journaled, stranger }
  const isOvertaken = begun !== undefined && JournalEntry.standing(begun, found) === "overtaken"
  // The record may be newer than the listing.
  if (isOvertaken && own !== undefined) return yield* whatIsKnown(key)
  const record = Result.map(recorded, (entry) => entry && identified(entry, key))
  return { record, entry: isOvertaken ? yield* overtaken(key) : journaled, stranger }
})

const nothing = Result.succeed(undefined)

const readEntry = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  if ((yield* Compat) === "libcni") return nothing
  const journal = yield* AttachmentJournal
  return Result.map(yield* Effect.result(journal.get(key)), Option.getOrUndefined)
})

const overtaken = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  yield* Effect.logInfo(
    `container "${key.containerId}" on network "${key.network}" was changed by another runtime: forgetting its journal entry`
  )
  const removed = yield* Effect.result(AttachmentJournal.use((journal) => journal.remove(key)))
  return Result.isFailure(removed) ? Result.fail(removed.failure) : nothing
})

/**
 * Whether an attachment ought to be gone: an operation on it was not completed, its scope has died, or the host was
 * started again since. What another machine has attached by a shared cache is left to that machine.
 */
export const isToBeDeleted = Effect.fnUntraced(function*(
  { owner, scoped, state }: JournalEntry.JournalEntry
): Effect.fn.Return<boolean, CacheIoError, AttachmentLock> {
  const locks = yield* AttachmentLock
  const origin = yield* locks.originOf(owner)
  if (origin !== "this boot") return origin === "earlier boot"
  return state === "attached" && scoped ? !(yield* locks.isAlive(owner)) : state !== "attached"
})

/** Whether an attachment is of an earlier boot of this machine, so that nothing is left of it but what plugins keep on disk. */
export const isOfEarlierBoot = (
  { owner }: JournalEntry.JournalEntry
): Effect.Effect<boolean, never, AttachmentLock> =>
  Effect.map(AttachmentLock.use((locks) => locks.originOf(owner)), (origin) => origin === "earlier boot")

/** Whether another machine has attached it, by a shared cache. */
export const isOfOtherMachine = (
  entry: JournalEntry.JournalEntry | undefined
): Effect.Effect<boolean, never, AttachmentLock> =>
  entry === undefined
    ? Effect.succeed(false)
    : Effect.map(AttachmentLock.use((locks) => locks.originOf(entry.owner)), (origin) => origin === "other machine")

/** The entry, if what it is about ought to be gone. */
export const unfinished = (
  { entry }: Known
): Effect.Effect<JournalEntry.JournalEntry | undefined, CacheIoError, AttachmentLock> => {
  const begun = Result.getOrElse(entry, () => undefined)
  return begun === undefined
    ? Effect.undefined
    : Effect.map(isToBeDeleted(begun), (isOver) => isOver ? begun : undefined)
}
