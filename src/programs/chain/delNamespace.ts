/** Which network namespace the plugins get in a DEL: the attachment's own, or none, which DEL allows (spec, section 4). */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import { isSameNamespace, type JournalEntry, type NamespaceId } from "../../domain/attachment/JournalEntry.ts"
import type { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import type { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { Compat } from "../../services/Tunables.ts"
import type { Known, Reading } from "../attachment/known.ts"
import { storedPath } from "../attachment/storedPath.ts"
import type { ContainerEntries } from "../guard/collecting.ts"
import { otherContainer, ownerOfInterface } from "./elsewhere.ts"

/** What choosing a namespace needs. */
export type Requirements = AttachmentCache | AttachmentJournal | AttachmentLock | NetworkNamespaces

/** `netns` is empty where the plugins get none. `owner`: the other network that has the interface in that namespace. */
export interface DelNamespace {
  readonly netns: string
  readonly owner: string | undefined
}

/**
 * - `netns`: the path that the caller gives; where it is empty, the stored one is taken.
 * - `isAsked`: a caller wants this attachment to be deleted. Where nobody does (GC, `recover`), a path of which the
 *   journal has no identity is not passed on: another namespace may have it by now.
 */
export interface Choice {
  readonly netns: string
  readonly isAsked: boolean
  readonly entries?: ContainerEntries
}

/** Chooses the namespace, and logs a warning where the plugins get none though a path is there. */
export const delNamespace = Effect.fnUntraced(function*(
  key: AttachmentKey,
  known: Known,
  { entries, isAsked, netns }: Choice
): Effect.fn.Return<DelNamespace, never, Requirements> {
  if ((yield* Compat) === "libcni") return { netns, owner: undefined }
  const entry = Result.getOrElse(known.entry, () => undefined)
  const path = netns !== "" ? netns : yield* storedPath(key, known)
  if (path === "" || isUnseenAndUnmade(entry)) return none
  const namespaces = yield* NetworkNamespaces
  const found = yield* namespaces.identify(path)
  if (found._tag === "Nothing" && entry !== undefined && (entry.namespace !== undefined || !isAsked)) return none
  const reason = yield* reasonAgainst(found, entry, isAsked)
  if (reason !== undefined) return yield* without(key, path, reason)
  // A cache that cannot be listed must not keep an attachment from being deleted.
  const owner = yield* Effect.orElseSucceed(
    ownerOfInterface(key, path, found, entries ?? (yield* entriesOf(key))),
    () => undefined
  )
  const hasNothing = isNothing(known.entry) && isNothing(known.record)
  if (owner === undefined) {
    const container = hasNothing
      ? yield* Effect.orElseSucceed(otherContainer(key, path, found), () => undefined)
      : undefined
    if (container === undefined) return { netns: path, owner }
    return yield* without(key, path, `has interface "${key.ifName}" from container "${container}" by now`)
  }
  if (!hasNothing) yield* without(key, path, `has interface "${key.ifName}" from network "${owner}"`)
  return { netns: hasNothing ? path : "", owner }
})

const none: DelNamespace = { netns: "", owner: undefined }

// Where no look was had, an interface is the ADD's own only when a plugin has succeeded.
const isUnseenAndUnmade = (entry: JournalEntry | undefined): boolean =>
  entry?.look === "unseen" && entry.done === 0 && entry.result === undefined

const isNothing = <A>(reading: Reading<A>): boolean => Result.isSuccess(reading) && reading.success === undefined

const entriesOf = ({ containerId }: AttachmentKey) =>
  Effect.result(
    AttachmentJournal.use((journal) => Effect.map(journal.list(containerId), (listing) => listing.entries))
  )

/** Why the plugins must not get what a path names; in words that go on from the path. */
const reasonAgainst = Effect.fnUntraced(function*(
  found: NamespaceAt,
  entry: JournalEntry | undefined,
  isAsked: boolean
): Effect.fn.Return<string | undefined, never, NetworkNamespaces> {
  if (found._tag === "OtherFile") return "is no network namespace any more"
  if (entry?.namespace === undefined) {
    if (entry !== undefined && !isAsked) return "may be another network namespace by now: that of the ADD is not known"
  } else if (found._tag === "Namespace" && !(yield* isNamespaceOf(entry, entry.namespace, found.id))) {
    return "is another network namespace by now"
  }
  if (found._tag === "Namespace" && found.isOwn && entry?.ownNamespace !== true) {
    return "is the network namespace that this process runs in"
  }
  return undefined
})

const isNamespaceOf = Effect.fnUntraced(function*(
  { netns }: JournalEntry,
  known: NamespaceId,
  found: NamespaceId
) {
  if (!isSameNamespace(known, found, { atSamePath: false })) return false
  // Where the stored path names it too, that path tells when it came into being.
  const stored = yield* (yield* NetworkNamespaces).identify(netns)
  return stored._tag !== "Namespace" || !isSameNamespace(stored.id, found, { atSamePath: false }) ||
    isSameNamespace(known, stored.id, { atSamePath: true })
})

const without = (key: AttachmentKey, path: string, reason: string) =>
  Effect.as(
    Effect.logWarning(
      `the plugins of network "${key.network}" detach container "${key.containerId}" without a network namespace, ` +
        `because ${path} ${reason}`
    ),
    none
  )
