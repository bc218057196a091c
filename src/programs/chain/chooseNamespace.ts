/** Chooses the network namespace for the plugins of a DEL: the attachment's own, or none, which DEL allows (spec, section 4). */
import * as Effect from "effect/Effect"
import { isSameNamespace, type JournalEntry, type NamespaceId } from "../../domain/attachment/JournalEntry.ts"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { Compat } from "../../services/Tunables.ts"
import { isAbsent, valueOf } from "../attachment/lookUp.ts"
import { storedPath } from "../attachment/restore.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/attachmentSession.ts"
import { otherContainer, ownerOfInterface } from "./attachmentsOfInterface.ts"

/**
 * - `netns`: the path that the caller gives; where there is none, the stored one is taken.
 * - `isAsked`: a caller wants this attachment to be deleted. Without one (GC, `recover`) a path of which the journal has no
 *   identity is not passed on: another namespace may have it by now.
 */
interface Choice {
  readonly netns: string | undefined
  readonly isAsked: boolean
}

/** The attachment, with the namespace that its plugins get. */
export const inItsNamespace = Effect.fnUntraced(function*(
  session: Session,
  attachment: ValidatedAttachment,
  { isAsked }: Pick<Choice, "isAsked">
) {
  const { netns } = yield* chooseNamespace(session, { netns: attachment.conf.netns, isAsked })
  return { ...attachment, conf: { ...attachment.conf, netns } } satisfies ValidatedAttachment
})

/**
 * Logs a warning where the plugins get no namespace though a path is there. `owner`: the other network that has the
 * interface in that namespace.
 */
export const chooseNamespace = Effect.fnUntraced(function*(session: Session, { isAsked, netns = "" }: Choice) {
  if ((yield* Compat) === "libcni") return { netns, owner: undefined }
  const entry = valueOf(session.entry)
  const path = netns !== "" ? netns : yield* storedPath(session)
  if (path === "" || isUnseenAndUnmade(entry)) return none
  const found = yield* (yield* NetworkNamespaces).identify(path)
  if (found._tag === "Nothing" && entry !== undefined && (entry.namespace !== undefined || !isAsked)) return none
  const reason = yield* reasonAgainst(path, found, entry, isAsked)
  return reason === undefined ? yield* unlessTaken(session, path, found) : yield* without(session, path, reason)
})

const none = { netns: "", owner: undefined }

// Without a look into the namespace, an interface is the ADD's own only when a plugin has succeeded.
const isUnseenAndUnmade = (entry: JournalEntry | undefined): boolean =>
  entry?.look === "unseen" && entry.done === 0 && entry.result === undefined

// A cache that cannot be listed must not keep an attachment from being deleted.
const unlessTaken = Effect.fnUntraced(function*(session: Session, path: string, found: NamespaceAt) {
  const { key } = session
  const owner = yield* Effect.orElseSucceed(ownerOfInterface(session, path, found), () => undefined)
  if (!isAbsent(session)) {
    return owner === undefined
      ? { netns: path, owner }
      : { ...(yield* without(session, path, `has interface "${key.ifName}" from network "${owner}"`)), owner }
  }
  if (owner !== undefined) return { netns: path, owner }
  const container = yield* Effect.orElseSucceed(otherContainer(key, path, found), () => undefined)
  if (container === undefined) return { netns: path, owner }
  return yield* without(session, path, `has interface "${key.ifName}" from container "${container}" by now`)
})

/** Why the plugins must not get what a path names; in words that go on from the path. */
const reasonAgainst = Effect.fnUntraced(function*(
  path: string,
  found: NamespaceAt,
  entry: JournalEntry | undefined,
  isAsked: boolean
) {
  if (found._tag === "OtherFile") return "is no network namespace any more"
  if (entry?.namespace === undefined) {
    if (entry !== undefined && !isAsked) return "may be another network namespace by now: that of the ADD is not known"
  } else if (found._tag === "Namespace" && !(yield* isNamespaceOf(entry, entry.namespace, path, found.id))) {
    return "is another network namespace by now"
  }
  if (found._tag === "Namespace" && found.isOwn && entry?.ownNamespace !== true) {
    return "is the network namespace that this process runs in"
  }
  return undefined
})

const isNamespaceOf = Effect.fnUntraced(function*(
  { netns }: JournalEntry,
  attached: NamespaceId,
  path: string,
  found: NamespaceId
) {
  if (path === netns) return isSameNamespace(attached, found, { atSamePath: true })
  if (!isSameNamespace(attached, found, { atSamePath: false })) return false
  // Where the stored path names it too, that path tells when it came into being.
  const stored = yield* (yield* NetworkNamespaces).identify(netns)
  return stored._tag !== "Namespace" || !isSameNamespace(stored.id, found, { atSamePath: false }) ||
    isSameNamespace(attached, stored.id, { atSamePath: true })
})

const without = ({ key }: Session, path: string, reason: string) =>
  Effect.as(
    Effect.logWarning(
      `the plugins of network "${key.network}" detach container "${key.containerId}" without a network namespace, ` +
        `because ${path} ${reason}`
    ),
    none
  )
