/** Finds attachments that have the same interface: of the same container on other networks, or of other containers. */
import * as Effect from "effect/Effect"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { lookUp, type StoredAttachment, unfinished, valueOf } from "../attachment/lookUp.ts"
import { pathIn, storedPath } from "../attachment/restore.ts"
import type { Session } from "../guard/attachmentSession.ts"

/** The attachments that other networks have of the interface, by the journal and by the records. */
export const attachmentsElsewhere = Effect.fnUntraced(function*({ entries, key }: Session) {
  const { containerId, ifName, network } = key
  const records = yield* (yield* AttachmentCache).list(containerId)
  const journaled = yield* Effect.fromResult(entries)
  const others = [...journaled, ...records].filter((other) => other.ifName === ifName && other.network !== network)
  return yield* Effect.forEach(new Set(others.map((other) => other.network)), (other) => {
    const otherKey = { network: other, containerId, ifName }
    return lookUp(otherKey, journaled.find((entry) => AttachmentKey.equals(entry, otherKey)))
  })
})

/** Whether an attachment has its interface: by the record, or by an entry that is not to be deleted here. */
export const isAttached = Effect.fnUntraced(function*(stored: StoredAttachment) {
  if (stored.entry._tag === "Present") return true
  const record = valueOf(stored.record)
  if (record?._tag !== "CacheRecord") return false
  const path = pathIn(record)
  // A record of another runtime can be older than the boot, or than its container, which has gone without a DEL.
  return path === "" || (yield* (yield* NetworkNamespaces).identify(path))._tag === "Namespace"
})

/** The network whose attachment has the interface in that namespace, and is up. */
export const ownerOfInterface = Effect.fnUntraced(function*(session: Session, path: string, namespace: NamespaceAt) {
  if (namespace._tag !== "Namespace") return undefined
  for (const other of yield* attachmentsElsewhere(session)) {
    const isUp = (yield* unfinished(other)) === undefined && (yield* isAttached(other))
    if (isUp && (yield* isIn(other, path, namespace.id))) return other.key.network
  }
  return undefined
})

/**
 * Another container whose attachment has the interface in that namespace. It is looked for among all attachments: only for
 * a DEL of an attachment of which nothing is stored, whose caller may have a path that another container has by now.
 */
export const otherContainer = Effect.fnUntraced(function*(
  { containerId, ifName }: AttachmentKey.AttachmentKey,
  path: string,
  namespace: NamespaceAt
) {
  if (namespace._tag !== "Namespace") return undefined
  const namespaces = yield* NetworkNamespaces
  if ((yield* namespaces.interfaceAt(path, ifName)) === "absent") return undefined
  const isOther = (one: AttachmentKey.AttachmentKey) => one.containerId !== containerId && one.ifName === ifName
  const { entries } = yield* (yield* AttachmentJournal).list()
  const attached = entries.find((entry) =>
    isOther(entry) && entry.state === "attached" && entry.namespace !== undefined &&
    JournalEntry.isSameNamespace(entry.namespace, namespace.id, { atSamePath: entry.netns === path })
  )
  if (attached !== undefined) return attached.containerId
  // Of an attachment that has an entry, the path alone does not tell which namespace it was.
  const journaled = new Set(entries.map(AttachmentKey.fileName))
  for (const record of yield* (yield* AttachmentCache).list()) {
    const isForeign = isOther(record) && !journaled.has(AttachmentKey.fileName(record))
    if (isForeign && (yield* isAt(pathIn(record), path, namespace.id))) return record.containerId
  }
  return undefined
})

const isIn = Effect.fnUntraced(function*(
  stored: StoredAttachment,
  path: string,
  namespace: JournalEntry.NamespaceId
) {
  const entry = valueOf(stored.entry)
  if (entry?.namespace !== undefined) {
    return JournalEntry.isSameNamespace(entry.namespace, namespace, { atSamePath: entry.netns === path })
  }
  return yield* isAt(yield* storedPath(stored), path, namespace)
})

const isAt = Effect.fnUntraced(function*(stored: string, path: string, namespace: JournalEntry.NamespaceId) {
  const found = yield* (yield* NetworkNamespaces).identify(stored)
  return found._tag === "Namespace" &&
    JournalEntry.isSameNamespace(found.id, namespace, { atSamePath: stored === path })
})
