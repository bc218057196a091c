/** Before an ADD: its file name and its interface must be free. What is there and ought to be gone is finished first. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import {
  AttachmentExists,
  type CacheEntryInvalid,
  type CacheIoError,
  CacheKeyCollision,
  type DetachFailure
} from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { isOfEarlierBoot, type Known, unfinished, whatIsKnown } from "../attachment/known.ts"
import type { Target } from "../attachment/target.ts"
import type { ContainerEntries } from "../guard/collecting.ts"
import * as Journaling from "../guard/journaling.ts"
import { attachmentsElsewhere, isAttached } from "./elsewhere.ts"
import { deleteByRecord, finish, type Requirements } from "./finish.ts"

/** Why there is no room. */
export type MakeRoomError = CacheKeyCollision | AttachmentExists | CacheIoError | CacheEntryInvalid

/**
 * To be called with the locks of the attachment held. Gives what takes the interface and ought to be gone from another
 * network: its lock is needed to finish that.
 */
export const makeRoom = Effect.fnUntraced(function*(
  target: Target,
  entries: ContainerEntries
): Effect.fn.Return<AttachmentKey.AttachmentKey | undefined, MakeRoomError, Requirements> {
  const { key } = target
  const known = yield* whatIsKnown(key, entries)
  if (known.stranger !== undefined) return yield* refuseStranger(key, known.stranger)
  yield* refuseUnreadable(known)
  const left = yield* unfinished(known)
  if (left !== undefined) yield* finishOrRefuse(key, left, known, target)
  else if (yield* isAttached(known)) return yield* exists(key, key.network, "attached")
  else yield* deleteDead(key, known)
  for (const other of yield* attachmentsElsewhere(key, entries)) {
    if ((yield* unfinished(other.known)) !== undefined) return other.key
    if (yield* isAttached(other.known)) return yield* exists(key, other.key.network, "attached")
  }
  return undefined
})

/**
 * Finishes what is left of an attachment, by the chain that it was made with, then by the chain and the arguments of the
 * `given` ADD, or fails with `AttachmentExists` for the one that needs the room. What is left of an earlier boot refuses
 * nobody.
 */
export const finishOrRefuse = Effect.fnUntraced(function*(
  wanted: AttachmentKey.AttachmentKey,
  entry: JournalEntry,
  known: Known,
  given?: Target
): Effect.fn.Return<void, AttachmentExists, Requirements> {
  const finished = yield* Effect.result(finish(entry, known))
  if (Result.isSuccess(finished)) return
  const again = given &&
    (yield* Effect.result(
      Effect.flatMap(whatIsKnown(AttachmentKey.of(entry)), (left) => finish(entry, left, { given }))
    ))
  if (again !== undefined && Result.isSuccess(again)) return
  const { failures } = finished.failure
  if (!(yield* isOfEarlierBoot(entry))) return yield* exists(wanted, entry.network, "failed", failures)
  yield* Effect.logWarning(`forgetting an attachment of an earlier boot. ${finished.failure.message}`)
  yield* Journaling.forgetful(AttachmentCache.use((cache) => cache.remove(AttachmentKey.of(entry))))
  yield* Journaling.forgetful(AttachmentJournal.use((journal) => journal.remove(entry)))
})

// A record of another runtime whose namespace is gone: its plugins still hold its address.
const deleteDead = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey, known: Known) {
  const record = Result.getOrElse(known.record, () => undefined)
  if (record?._tag !== "CacheRecord") return
  yield* Effect.catch(
    deleteByRecord(key, record, known),
    ({ message }) => Effect.logWarning(`a dead attachment could not be deleted before the ADD. ${message}`)
  )
  yield* Journaling.forgetful(AttachmentJournal.use((journal) => journal.remove(key)))
})

const exists = (
  key: AttachmentKey.AttachmentKey,
  existing: string,
  state: AttachmentExists["state"],
  failures: ReadonlyArray<DetachFailure> = []
) => Effect.fail(new AttachmentExists({ ...key, existing, state, failures }))

const refuseStranger = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  owner: AttachmentKey.AttachmentKey
) {
  const path = (yield* AttachmentCache).pathOf(key)
  return yield* new CacheKeyCollision({ ...key, path, owner: AttachmentKey.of(owner) })
})

// A record that is damaged is no attachment; what a damaged entry says of one is not known.
const refuseUnreadable = ({ entry, record }: Known): Effect.Effect<void, CacheIoError | CacheEntryInvalid> => {
  if (Result.isFailure(record) && record.failure._tag === "CacheIoError") return Effect.fail(record.failure)
  return Result.isFailure(entry) ? Effect.fail(entry.failure) : Effect.void
}
