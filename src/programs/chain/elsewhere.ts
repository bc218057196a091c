/** The same interface of the same container on other networks. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import * as JournalEntry from "../../domain/attachment/JournalEntry.ts"
import type { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import type { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { type Known, unfinished, whatIsKnown } from "../attachment/known.ts"
import { pathIn, storedPath } from "../attachment/storedPath.ts"
import type { ContainerEntries } from "../guard/collecting.ts"

/** What is known of an attachment of another network. */
export interface Elsewhere {
  readonly key: AttachmentKey.AttachmentKey
  readonly known: Known
}

/** The attachments that other networks have of an interface, by the journal and by the records. */
export const attachmentsElsewhere = Effect.fnUntraced(function*(
  { containerId, ifName, network }: AttachmentKey.AttachmentKey,
  entries: ContainerEntries
): Effect.fn.Return<
  ReadonlyArray<Elsewhere>,
  CacheIoError | CacheEntryInvalid,
  AttachmentCache | AttachmentJournal
> {
  const records = yield* (yield* AttachmentCache).list(containerId)
  const others = [...(yield* Effect.fromResult(entries)), ...records].filter((other) =>
    other.ifName === ifName && other.network !== network
  )
  return yield* Effect.forEach(new Set(others.map((other) => other.network)), (other) => {
    const key = { network: other, containerId, ifName }
    return Effect.map(whatIsKnown(key), (known) => ({ key, known }))
  })
})

/** Whether an attachment has its interface: by the record, or by an entry, which is not to be finished here. */
export const isAttached = Effect.fnUntraced(function*(
  { entry, record }: Known
): Effect.fn.Return<boolean, never, NetworkNamespaces> {
  if (Result.getOrElse(entry, () => undefined) !== undefined) return true
  const recorded = Result.getOrElse(record, () => undefined)
  if (recorded?._tag !== "CacheRecord") return false
  const path = pathIn(recorded)
  // Another runtime's, of before the host was started, or of a container that has gone without a DEL.
  return path === "" || (yield* (yield* NetworkNamespaces).identify(path))._tag === "Namespace"
})

/** The network whose attachment has the interface in that namespace, and is up. */
export const ownerOfInterface = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  path: string,
  namespace: NamespaceAt,
  entries: ContainerEntries
): Effect.fn.Return<
  string | undefined,
  CacheIoError | CacheEntryInvalid,
  AttachmentCache | AttachmentJournal | AttachmentLock | NetworkNamespaces
> {
  if (namespace._tag !== "Namespace") return undefined
  for (const other of yield* attachmentsElsewhere(key, entries)) {
    const isUp = (yield* unfinished(other.known)) === undefined && (yield* isAttached(other.known))
    if (isUp && (yield* isIn(other, path, namespace.id))) return other.key.network
  }
  return undefined
})

/**
 * Another container whose attachment has the interface in that namespace. That is looked for among all attachments: only
 * for a DEL of what is not stored, whose caller may have a path that another container has by now.
 */
export const otherContainer = Effect.fnUntraced(function*(
  { containerId, ifName }: AttachmentKey.AttachmentKey,
  path: string,
  namespace: NamespaceAt
): Effect.fn.Return<string | undefined, CacheIoError, AttachmentCache | AttachmentJournal | NetworkNamespaces> {
  if (namespace._tag !== "Namespace") return undefined
  const namespaces = yield* NetworkNamespaces
  if ((yield* namespaces.interfaceAt(path, ifName)) === "absent") return undefined
  const isOther = (one: AttachmentKey.AttachmentKey) => one.containerId !== containerId && one.ifName === ifName
  const { entries } = yield* (yield* AttachmentJournal).list()
  const begun = entries.find((entry) =>
    isOther(entry) && entry.state === "attached" && entry.namespace !== undefined &&
    JournalEntry.isSameNamespace(entry.namespace, namespace.id, { atSamePath: entry.netns === path })
  )
  if (begun !== undefined) return begun.containerId
  // Of what has an entry, the path alone does not tell which namespace it was.
  const journaled = new Set(entries.map(AttachmentKey.fileName))
  for (const record of yield* (yield* AttachmentCache).list()) {
    const isForeign = isOther(record) && !journaled.has(AttachmentKey.fileName(record))
    if (isForeign && (yield* isAt(pathIn(record), path, namespace.id))) return record.containerId
  }
  return undefined
})

const isIn = Effect.fnUntraced(function*({ key, known }: Elsewhere, path: string, namespace: JournalEntry.NamespaceId) {
  const begun = Result.getOrElse(known.entry, () => undefined)
  if (begun?.namespace !== undefined) {
    return JournalEntry.isSameNamespace(begun.namespace, namespace, { atSamePath: begun.netns === path })
  }
  return yield* isAt(yield* storedPath(key, known), path, namespace)
})

const isAt = Effect.fnUntraced(function*(stored: string, path: string, namespace: JournalEntry.NamespaceId) {
  const found = yield* (yield* NetworkNamespaces).identify(stored)
  return found._tag === "Namespace" &&
    JournalEntry.isSameNamespace(found.id, namespace, { atSamePath: stored === path })
})
