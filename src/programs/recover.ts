/** Completes what processes that have died have left half-way. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as AttachmentKey from "../domain/attachment/AttachmentKey.ts"
import { isOfNetwork, type JournalEntry } from "../domain/attachment/JournalEntry.ts"
import type { CacheIoError, DetachIncomplete } from "../domain/errors/CniError.ts"
import type { Found } from "../domain/VerbOutcomes.ts"
import { AttachmentCache } from "../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../services/attachment/AttachmentLock.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { GcConcurrency, LockWaitLimit } from "../services/Tunables.ts"
import { isToBeDeleted, originOf, valueOf } from "./attachment/lookUp.ts"
import { completeDelete } from "./chain/completeDelete.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import { type Session, withAttachment, withNetwork } from "./guard/attachmentSession.ts"

/**
 * Deletes what dead runtimes have left on this host, on all networks: attachments whose ADD, DEL or undo was not
 * completed, scoped ones whose process is gone, and all of an earlier boot. It waits for their plugins that still run
 * (`OrphanWaitLimit`, ms), then deletes the attachment by the chain and the parameters in the journal, best effort; its
 * namespace is touched only while the path still names the same one. Lock files and half-written files of dead processes
 * are removed, too. To be run when a runtime starts; it does not wait for operations of other runtimes, and may run beside
 * them.
 *
 * Fails with `CacheIoError` when the journal cannot be listed or the lock files cannot be reached. What could not be
 * recovered is no failure, but in the `Recovery`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const start = Effect.gen(function*() {
 *   const { failing, recovered } = yield* Cni.recover
 *   yield* Effect.log(`${recovered.length} attachments cleaned up`)
 *   for (const { message } of failing) yield* Effect.logError(message)
 * })
 * ```
 */
export const recover: CniVerbs<DelNetworkListRequirements>["recover"] = Effect.gen(function*() {
  const listing = yield* (yield* AttachmentJournal).list()
  const { damaged } = listing
  yield* Effect.forEach(listing.entries.filter(isOfNetwork), ({ network }) => awaitGc(network), { discard: true })
  const entries = listing.entries.filter((entry) => !isOfNetwork(entry))
  const recorded = new Set((yield* (yield* AttachmentCache).list()).map(AttachmentKey.fileName))
  // Never two of one container at once: the second would find it busy.
  const groups = Object.values(Arr.groupBy(entries, ({ containerId }) => containerId))
  const recovering = Effect.forEach(groups, (group) => Effect.forEach(group, (entry) => recoverOne(entry, recorded)), {
    concurrency: yield* GcConcurrency
  })
  const outcomes = (yield* recovering).flat()
  yield* sweep
  return {
    recovered: outcomes.flatMap((outcome) => outcome._tag === "Recovered" ? [outcome.found] : []),
    failing: outcomes.flatMap((outcome) => outcome._tag === "Failing" ? [outcome.error] : []),
    live: outcomes.flatMap((outcome) => outcome._tag === "Live" ? [outcome.found] : []),
    damaged
  }
}).pipe(Effect.withSpan("recover"))

// Taking the lock already waits for a leftover GC.
const awaitGc = (network: string) =>
  withNetwork(network, "shared", Effect.void).pipe(
    Effect.provideService(LockWaitLimit, 0),
    Effect.catchTag("LockTimeout", () => Effect.void)
  )

type Outcome =
  | { readonly _tag: "Recovered" | "Live"; readonly found: Found }
  | { readonly _tag: "Failing"; readonly error: DetachIncomplete }
  | { readonly _tag: "Gone" }

const recoverOne = Effect.fnUntraced(function*(
  entry: JournalEntry,
  recorded: ReadonlySet<string>
): Effect.fn.Return<Outcome, CacheIoError, DelNetworkListRequirements> {
  const key = AttachmentKey.of(entry)
  const live: Outcome = { _tag: "Live", found: { ...key, state: entry.state, ofEarlierBoot: false } }
  const isUp = entry.state === "attached" && recorded.has(AttachmentKey.fileName(key))
  if (isUp && !(yield* isToBeDeleted(entry))) return live
  // The lock holder is alive, and deals with the attachment.
  return yield* withAttachment(key, recoverLocked).pipe(
    Effect.provideService(LockWaitLimit, 0),
    Effect.catchTag("LockTimeout", () => Effect.succeed(live))
  )
})

const recoverLocked = Effect.fnUntraced(function*(session: Session) {
  const entry = valueOf(session.entry)
  if (entry === undefined) return { _tag: "Gone" } satisfies Outcome
  const ofEarlierBoot = (yield* originOf(entry)) === "earlier boot"
  const found: Found = { ...session.key, state: entry.state, ofEarlierBoot }
  if (!(yield* isToBeDeleted(entry))) return { _tag: "Live", found } satisfies Outcome
  return yield* Effect.match(completeDelete(session, entry), {
    onFailure: (error): Outcome => ({ _tag: "Failing", error }),
    onSuccess: (): Outcome => ({ _tag: "Recovered", found })
  })
})

const sweep = Effect.gen(function*() {
  yield* (yield* AttachmentCache).sweep
  yield* (yield* AttachmentJournal).sweep
  yield* (yield* AttachmentLock).sweep
})
