/**
 * Before an ADD: its file name and its interface must be free. A leftover that ought to be gone is deleted first; what is
 * in the namespace already is not the ADD's own, and its undo must not delete it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import {
  AttachmentExists,
  type CacheEntryInvalid,
  type CacheIoError,
  CacheKeyCollision,
  type DetachFailure,
  InterfaceExists,
  OwnNamespace
} from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import * as Tunables from "../../services/Tunables.ts"
import { originOf, type StoredAttachment, unfinished, valueOf } from "../attachment/lookUp.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/attachmentSession.ts"
import { type AddDetails, identityIn, orWarn } from "../guard/journaling.ts"
import { attachmentsElsewhere, isAttached } from "./attachmentsOfInterface.ts"
import { completeDelete, deleteByRecord } from "./completeDelete.ts"

/** A leftover on another network has the interface, and only an operation with that network's lock can delete it. */
export interface BlockedElsewhere {
  readonly _tag: "BlockedElsewhere"
  readonly key: AttachmentKey.AttachmentKey
}

/** Fails where something has the file name or the interface and is to stay, or cannot be deleted. */
export const ensureFree = Effect.fnUntraced(function*(session: Session, attachment: ValidatedAttachment) {
  const { key } = session
  yield* refuseFileNameOwner(session)
  yield* refuseUnreadable(session)
  const left = yield* unfinished(session)
  if (left !== undefined) yield* completeOrRefuse(key, session, left, attachment)
  else if (yield* isAttached(session)) return yield* exists(key, key.network, "attached")
  else yield* deleteDead(session)
  for (const other of yield* attachmentsElsewhere(session)) {
    if ((yield* unfinished(other)) !== undefined) {
      return { _tag: "BlockedElsewhere", key: other.key } satisfies BlockedElsewhere
    }
    if (yield* isAttached(other)) return yield* exists(key, other.key.network, "attached")
  }
  return undefined
})

/** Fails where another attachment has the file name. */
export const refuseFileNameOwner = Effect.fnUntraced(function*({ fileNameOwner, key }: StoredAttachment) {
  if (fileNameOwner === undefined) return
  const path = (yield* AttachmentCache).pathOf(key)
  return yield* new CacheKeyCollision({ ...key, path, owner: AttachmentKey.of(fileNameOwner) })
})

// A damaged record is no attachment; a damaged entry may be one.
const refuseUnreadable = ({ entry, record }: Session): Effect.Effect<void, CacheIoError | CacheEntryInvalid> => {
  if (record._tag === "Unreadable" && record.error._tag === "CacheIoError") return Effect.fail(record.error)
  return entry._tag === "Unreadable" ? Effect.fail(entry.error) : Effect.void
}

/**
 * Deletes a leftover by the chain that it was made with, then by the chain and the arguments of the `given` ADD, or fails
 * with `AttachmentExists` for the attachment being added. A leftover of an earlier boot is forgotten instead.
 */
export const completeOrRefuse = Effect.fnUntraced(function*(
  wanted: AttachmentKey.AttachmentKey,
  session: Session,
  entry: JournalEntry,
  given?: ValidatedAttachment
) {
  const completed = yield* Effect.result(completeDelete(session, entry))
  if (Result.isSuccess(completed)) return
  if (given !== undefined && Result.isSuccess(yield* Effect.result(completeDelete(session, entry, { given })))) return
  const { failures, message } = completed.failure
  if ((yield* originOf(entry)) !== "earlier boot") return yield* exists(wanted, entry.network, "failed", failures)
  yield* Effect.logWarning(`forgetting an attachment of an earlier boot. ${message}`)
  yield* orWarn((yield* AttachmentCache).remove(session.key))
  yield* orWarn((yield* AttachmentJournal).remove(session.key))
})

// The record of another runtime whose namespace is gone: its plugins still hold its address.
const deleteDead = Effect.fnUntraced(function*(session: Session) {
  const record = valueOf(session.record)
  if (record?._tag !== "CacheRecord") return
  yield* Effect.catch(
    deleteByRecord(session, record),
    ({ message }) => Effect.logWarning(`a dead attachment could not be deleted before the ADD. ${message}`)
  )
  yield* orWarn((yield* AttachmentJournal).remove(session.key))
})

const exists = (
  key: AttachmentKey.AttachmentKey,
  existing: string,
  state: AttachmentExists["state"],
  failures: ReadonlyArray<DetachFailure> = []
) => Effect.fail(new AttachmentExists({ ...key, existing, state, failures }))

/**
 * Fails where the namespace is our own, or has the interface, unless the caller allows that; gives what it saw. Every
 * namespace has `lo`.
 */
export const lookAtNamespace = Effect.fnUntraced(function*(
  { conf: { netns = "" }, key }: ValidatedAttachment
): Effect.fn.Return<Omit<AddDetails, "scoped">, InterfaceExists | OwnNamespace, NetworkNamespaces> {
  const namespaces = yield* NetworkNamespaces
  const unseen = { look: "unseen", ownNamespace: false, namespace: undefined } as const
  if (netns === "") return unseen
  const found = yield* namespaces.identify(netns)
  // A path that names no namespace is for the plugins to refuse.
  if (found._tag !== "Namespace") return unseen
  if (found.isOwn && (yield* Tunables.OwnNamespace) === "refuse") return yield* new OwnNamespace({ ...key, netns })
  const seen = { ownNamespace: found.isOwn, namespace: identityIn(found) }
  const existing = yield* Tunables.ExistingInterface
  if (existing === "allow") return { look: "allowed", ...seen }
  if (existing === "new namespace" || key.ifName === "lo") return { look: "free", ...seen }
  const existingInterface = yield* namespaces.interfaceAt(netns, key.ifName)
  if (typeof existingInterface === "object") {
    return yield* new InterfaceExists({ ...key, netns, mac: existingInterface.mac })
  }
  return { look: existingInterface === "absent" ? "free" : "unseen", ...seen }
})
