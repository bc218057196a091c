/** An attachment that lasts as long as a scope. */
import * as Effect from "effect/Effect"
import { standing } from "../domain/attachment/JournalEntry.ts"
import { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { addAttachment, type AddNetworkListRequirements } from "./addNetworkList.ts"
import { present, valueOf } from "./attachment/lookUp.ts"
import { validateAdd, type ValidatedAttachment } from "./attachment/ValidatedAttachment.ts"
import type { Added } from "./chain/addChain.ts"
import { inItsNamespace } from "./chain/chooseNamespace.ts"
import { detachChain } from "./chain/delChain.ts"
import { openSession, type Session, withAttachment } from "./guard/attachmentSession.ts"
import { leaveFailed } from "./guard/journaling.ts"

/**
 * Attaches a container until the scope closes, on success, failure or interruption of what follows. The end of the scope
 * asks every plugin to detach, also after one has failed; what could not be detached keeps its record and is logged
 * as an error, with a `DetachIncomplete` that says what is left. Where the process dies before its scope closes,
 * `recover` detaches it. Fails as `addNetworkList` does, and leaves then nothing behind either.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 * import { NodeCni } from "effect-cni/node"
 *
 * const run = (network: NetworkConfigList.NetworkConfigList) =>
 *   Effect.gen(function*() {
 *     const { result } = yield* Cni.attach(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" })
 *     yield* Effect.log(`reachable at ${result.ips[0]?.address}`)
 *   }).pipe(Effect.scoped, Effect.provide(NodeCni.layerConfig))
 * ```
 */
export const attach: CniVerbs<AddNetworkListRequirements>["attach"] = Effect.fn("attach")(function*(network, conf) {
  const attachment = yield* validateAdd(network, conf)
  return yield* Effect.uninterruptibleMask((restore) => {
    let attached: Added | undefined
    const onAttached = (added: Added) => {
      attached = added
    }
    return restore(addAttachment(attachment, { scoped: true, onAttached })).pipe(
      // An ADD that is interrupted when it is complete already is detached with the scope, too.
      Effect.onExit(() => attached === undefined ? Effect.void : detachAtEnd(attachment, attached)),
      Effect.map((result) => ({ ...attachment.key, result }))
    )
  })
})

/** What a scope remembers of its attachment; `journal`: the identity of the one that has the entry. */
interface Held extends Added {
  readonly journal: string
}

const journalNow = AttachmentJournal.use(({ identity }) => identity)

const detachAtEnd = (attachment: ValidatedAttachment, added: Added) =>
  Effect.flatMap(journalNow, (journal) => Effect.addFinalizer(() => detachAndReport(attachment, { ...added, journal })))

const detachAndReport = (attachment: ValidatedAttachment, held: Held) =>
  withAttachment(attachment.key, (session) => detachOwn(session, attachment, held)).pipe(
    // Where the directory of the locks is gone with the journal, no other operation holds them.
    Effect.catchTag(
      "CacheIoError",
      Effect.fnUntraced(function*(error) {
        if (!(yield* isJournalGone(held))) return yield* error
        yield* detachOwn(yield* openSession(attachment.key), attachment, held)
      })
    ),
    Effect.catch(Effect.fnUntraced(function*(error) {
      yield* Effect.logError(error.message, error)
      // No other process deletes the attachment as long as this one lives, unless it is marked as failed.
      if (held.entry !== undefined && error._tag !== "DetachIncomplete") yield* leaveFailed(held.entry, error.message)
    }))
  )

const detachOwn = Effect.fnUntraced(function*(session: Session, attachment: ValidatedAttachment, held: Held) {
  if (held.entry === undefined) return yield* detachChain(session, attachment)
  const { entry, key, record } = session
  const own = {
    ...held.entry,
    state: "attached",
    result: held.result.json,
    done: attachment.list.plugins.length
  } as const
  if (entry._tag === "Present") {
    // Another entry is that of a later attachment.
    if (entry.value.id !== own.id) return
    return yield* detachChain(session, yield* inItsNamespace(session, attachment, { isAsked: true }))
  }
  // Another operation that deletes an attachment removes its record first, and then its entry, of the same journal.
  const isRecorded = record._tag !== "Unreadable" && standing(own, valueOf(record)) === "attached"
  if (isRecorded || (yield* isJournalGone(held))) {
    yield* Effect.logWarning(
      `the journal of container "${key.containerId}" on network "${key.network}" was removed while it was ` +
        "attached: detaching it by what its scope knows"
    )
  } else if (entry._tag === "Absent") return
  const deleting = yield* inItsNamespace({ ...session, entry: present(own) }, attachment, { isAsked: true })
  yield* detachChain(session, deleting, held.result)
})

const isJournalGone = ({ journal }: Held) => Effect.map(journalNow, (now) => now !== journal)
