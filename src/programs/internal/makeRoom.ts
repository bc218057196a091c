/** Before an ADD: its file name and its interface must be free. What is there and ought to be gone is finished first. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/AttachmentKey.ts"
import {
  AttachmentExists,
  type CacheEntryInvalid,
  type CacheIoError,
  CacheKeyCollision,
  type DetachFailure
} from "../../domain/CniError.ts"
import type { JournalEntry } from "../../domain/JournalEntry.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import type { ContainerEntries } from "./collecting.ts"
import { finish, type Requirements } from "./finish.ts"
import { type Known, unfinished, whatIsKnown } from "./known.ts"

/** Why there is no room. */
export type MakeRoomError = CacheKeyCollision | AttachmentExists | CacheIoError | CacheEntryInvalid

/**
 * To be called with the locks of the attachment held. Gives what takes the interface and ought to be gone from another
 * network: its lock is needed to finish that.
 */
export const makeRoom = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  entries: ContainerEntries
): Effect.fn.Return<AttachmentKey.AttachmentKey | undefined, MakeRoomError, Requirements> {
  const known = yield* whatIsKnown(key, entries)
  if (known.stranger !== undefined) return yield* refuseStranger(key, known.stranger)
  yield* refuseUnreadable(known)
  const left = yield* unfinished(known)
  if (left !== undefined) yield* finishOrRefuse(key, left, known)
  else if (isAttached(known)) return yield* exists(key, key.network, "attached")
  for (const other of yield* elsewhere(key, entries)) {
    const found = yield* whatIsKnown(other)
    if ((yield* unfinished(found)) !== undefined) return other
    if (isAttached(found)) return yield* exists(key, other.network, "attached")
  }
  return undefined
})

/** Finishes what is left of an attachment, or fails with `AttachmentExists` on behalf of the one that needs the room. */
export const finishOrRefuse = Effect.fnUntraced(function*(
  wanted: AttachmentKey.AttachmentKey,
  entry: JournalEntry,
  known: Known
): Effect.fn.Return<void, AttachmentExists, Requirements> {
  yield* Effect.catch(finish(entry, known), ({ failures }) => exists(wanted, entry.network, "failed", failures))
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

// As the record says, or the journal where the record is damaged or was written over by another attachment's.
const isAttached = ({ entry, record }: Known): boolean =>
  Result.getOrElse(record, () => undefined)?._tag === "CacheRecord" ||
  Result.getOrElse(entry, () => undefined)?.state === "attached"

const elsewhere = Effect.fnUntraced(function*(
  { containerId, ifName, network }: AttachmentKey.AttachmentKey,
  entries: ContainerEntries
) {
  const records = yield* (yield* AttachmentCache).list(containerId)
  const others = [...(yield* Effect.fromResult(entries)), ...records].filter((other) =>
    other.ifName === ifName && other.network !== network
  )
  return [...new Set(others.map((other) => other.network))].map((other) => ({ network: other, containerId, ifName }))
})
