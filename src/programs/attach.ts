/** An attachment that lasts as long as a scope. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { AttachmentKey } from "../domain/attachment/AttachmentKey.ts"
import { type JournalEntry, standing } from "../domain/attachment/JournalEntry.ts"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { CniResult } from "../domain/result/CniResult.ts"
import { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import type { AddNetworkListError, AddNetworkListRequirements } from "./addNetworkList.ts"
import { type Known, whatIsKnown } from "./attachment/known.ts"
import { type Target, validateAdd } from "./attachment/target.ts"
import { addAttachment, retrying } from "./chain/addAttachment.ts"
import type { Added } from "./chain/addChain.ts"
import { detachChain } from "./chain/delChain.ts"
import { delNamespace } from "./chain/delNamespace.ts"
import { inNamespace } from "./chain/finish.ts"
import { giveOver } from "./guard/journaling.ts"
import { withAttachment } from "./guard/locking.ts"

/** A container that is attached to a network: which, where, and what the plugins made. */
export interface Attachment extends AttachmentKey {
  readonly result: CniResult
}

/**
 * Attaches a container until the scope closes, on success, failure or interruption of what follows. The end of the scope
 * asks every plugin to detach, whatever those before it say; what could not be detached keeps its record and is logged
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
export const attach: (
  network: NetworkConfigList,
  conf: RuntimeConf
) => Effect.Effect<Attachment, AddNetworkListError, AddNetworkListRequirements | Scope.Scope> = Effect.fn("attach")(
  function*(network, conf) {
    const target = yield* validateAdd(network, conf)
    // One uninterruptible region, so that no interruption falls between the ADD and the promise to undo it.
    return yield* retrying((restore) =>
      addAttachment(target, { restore, scoped: true }).pipe(
        Effect.tap((added) =>
          Effect.flatMap(journalNow, (journal) =>
            Effect.addFinalizer(() => detachAndReport(target, { ...added, journal })))
        ),
        Effect.map(({ result }) => ({ ...target.key, result }))
      )
    )
  }
)

/** What a scope knows of its attachment itself; `journal` is the one that its entry was written to. */
interface Held extends Pick<Added, "entry" | "result"> {
  readonly journal: string
}

const journalNow = AttachmentJournal.use(({ identity }) => identity)

const detachAndReport = (target: Target, held: Held) =>
  withAttachment(target.key, detachOwn(target, held)).pipe(
    // Where there is no place for locks any more, nobody else has any.
    Effect.catchTag(
      "CacheIoError",
      Effect.fnUntraced(function*(error) {
        if (!(yield* isJournalGone(held))) return yield* error
        yield* detachOwn(target, held)
      })
    ),
    Effect.catch(Effect.fnUntraced(function*(error) {
      yield* Effect.logError(error.message, error)
      // No other process would take it for theirs as long as this one lives.
      if (held.entry !== undefined && error._tag !== "DetachIncomplete") {
        yield* giveOver(target.key, held.entry.id, error.message)
      }
    }))
  )

const detachOwn = Effect.fnUntraced(function*(target: Target, held: Held) {
  const known = yield* whatIsKnown(target.key)
  if (held.entry === undefined) return yield* detachChain(target, known)
  const own: JournalEntry = {
    ...held.entry,
    state: "attached",
    result: held.result.json,
    done: target.list.plugins.length
  }
  const entry = Result.getOrElse(known.entry, () => undefined)
  if (entry?.id === own.id) return yield* detachIn(target, known, entry)
  if (entry !== undefined) return
  // Another operation that deletes an attachment removes its record first, and then its entry, of the same journal.
  const isRecorded = Result.isSuccess(known.record) && standing(own, known.record.success) === "attached"
  if (isRecorded || (yield* isJournalGone(held))) {
    yield* Effect.logWarning(
      `the journal of container "${target.key.containerId}" on network "${target.key.network}" was removed while it was ` +
        "attached: detaching it by what its scope knows"
    )
  } else if (Result.isSuccess(known.entry)) return
  yield* detachIn(target, known, own, held.result)
})

const isJournalGone = ({ journal }: Held) => Effect.map(journalNow, (now) => now !== journal)

const detachIn = Effect.fnUntraced(function*(
  target: Target,
  known: Known,
  entry: JournalEntry,
  lastResult?: CniResult
) {
  const about = { ...known, entry: Result.succeed(entry) }
  const { netns } = yield* delNamespace(target.key, about, { netns: entry.netns, isAsked: true })
  yield* detachChain(inNamespace(target, netns), known, lastResult)
})
