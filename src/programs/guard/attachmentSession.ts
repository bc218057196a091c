/**
 * Takes the locks of an operation in their order, network before container, and gives it an attachment session: what is
 * stored of the attachment, read once. The locks are held as long as the operation.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import { type JournalEntry, networkKey } from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import type { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock, HeldLocks, type LockError, type LockMode } from "../../services/attachment/AttachmentLock.ts"
import { OrphanPlugins } from "../../services/plugin/OrphanPlugins.ts"
import { Compat } from "../../services/Tunables.ts"
import { lookUp, type StoredAttachment } from "../attachment/lookUp.ts"
import { orWarn } from "./journaling.ts"

/** What is stored of an attachment. `entries`: all of its container, on every network, or why they cannot be listed. */
export interface Session extends StoredAttachment {
  readonly entries: Result.Result<ReadonlyArray<JournalEntry>, CacheIoError>
}

/** What a session needs. */
export type SessionRequirements = AttachmentLock | OrphanPlugins | AttachmentJournal | AttachmentCache

/** Runs with the lock of a network, after a GC there whose runtime has died has ended. */
export const withNetwork = <A, E, R>(
  network: string,
  mode: LockMode,
  body: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | AttachmentLock | OrphanPlugins | AttachmentJournal> =>
  holding("network", ({ network: lock }) => lock(network, mode), Effect.andThen(awaitLeftoverGc(network), body))

/** Runs with the locks of an attachment: the network's is shared with other operations, the container's is not. */
export const withAttachment = <A, E, R>(
  key: AttachmentKey.AttachmentKey,
  body: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | SessionRequirements> =>
  withNetwork(key.network, "shared", withContainer(key, body))

/** As {@link withAttachment}, for an operation that holds the network already. */
export const withContainer = <A, E, R>(
  key: AttachmentKey.AttachmentKey,
  body: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | SessionRequirements> =>
  holding("container", ({ container: lock }) => lock(key.containerId), Effect.flatMap(openSession(key), body))

const holding = <A, E, R>(
  kind: "network" | "container",
  lock: (locks: AttachmentLock["Service"]) => Effect.Effect<void, LockError, Scope.Scope>,
  body: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | AttachmentLock> =>
  Effect.scopedWith((scope) =>
    AttachmentLock.use((locks) => Effect.provideService(lock(locks), Scope.Scope, scope)).pipe(
      Effect.andThen(Effect.updateService(body, HeldLocks, (held) => [...held, kind]))
    )
  )

/** Reads a session. Without the locks, only where they cannot be had any more. */
export const openSession = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey
): Effect.fn.Return<Session, never, OrphanPlugins | AttachmentJournal | AttachmentCache> {
  const entries = yield* awaitOrphanPlugins(key.containerId)
  const listed = Result.getOrElse(entries, () => []).find((entry) => AttachmentKey.equals(entry, key))
  return { ...(yield* lookUp(key, listed)), entries }
})

// With the container's lock held, a process that left an operation unfinished is dead, but its plugins may go on.
const awaitOrphanPlugins = Effect.fnUntraced(function*(containerId: string) {
  if ((yield* Compat) === "libcni") return Result.succeed([])
  const journal = yield* AttachmentJournal
  const listing = Effect.result(Effect.map(journal.list(containerId), ({ entries }) => entries))
  const entries = yield* listing
  const unfinished = Result.getOrElse(entries, () => []).filter(({ state }) => state !== "attached")
  if (unfinished.length === 0) return entries
  const { awaitOrKill } = yield* OrphanPlugins
  yield* Effect.forEach(unfinished, awaitOrKill, { discard: true })
  // Listed again, because the wait can take a minute, in which the end of a scope may have marked an entry as failed.
  return yield* listing
})

// With the network's lock held, a process that noted a GC is dead, but the plugin that it started may go on.
const awaitLeftoverGc = Effect.fnUntraced(function*(network: string) {
  if ((yield* Compat) === "libcni") return
  const journal = yield* AttachmentJournal
  const left = yield* Effect.orElseSucceed(journal.get(networkKey(network)), Option.none)
  if (Option.isNone(left)) return
  yield* (yield* OrphanPlugins).awaitOrKill(left.value)
  yield* orWarn(journal.remove(networkKey(network)))
})
