/** The order of the locks: network before container, never the reverse; held as long as an operation, no longer. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import { AttachmentLock, HeldLocks, type LockError, type LockMode } from "../../services/attachment/AttachmentLock.ts"
import { type ContainerEntries, settleCollection, settleContainer, type SettleRequirements } from "./collecting.ts"

/** What locking needs. */
export type Requirements = AttachmentLock | SettleRequirements

/** Makes a part of an uninterruptible region interruptible again. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Runs with the locks that every operation on one attachment needs: its network's with others, its container's alone. */
export const withAttachment = <A, E, R>(
  { containerId, network }: Omit<AttachmentKey, "ifName">,
  body: Effect.Effect<A, E, R>,
  restore: Restore = (effect) => effect
): Effect.Effect<A, E | LockError, R | Requirements> => withListed({ containerId, network }, () => body, restore)

/** As `withAttachment`, for what wants to know what the journal has of the container. */
export const withListed = <A, E, R>(
  { containerId, network }: Omit<AttachmentKey, "ifName">,
  body: (entries: ContainerEntries) => Effect.Effect<A, E, R>,
  restore: Restore = (effect) => effect
): Effect.Effect<A, E | LockError, R | Requirements> =>
  withNetwork(network, "shared", holdingContainer(containerId, body, restore), restore)

/** Runs with a network's lock, when no GC goes on there that has lost its runtime. */
export const withNetwork = <A, E, R>(
  network: string,
  mode: LockMode,
  body: Effect.Effect<A, E, R>,
  restore: Restore = (effect) => effect
): Effect.Effect<A, E | LockError, R | Requirements> =>
  holding(
    "network",
    ({ network: lock }) => lock(network, mode),
    Effect.andThen(restore(settleCollection(network)), body),
    restore
  )

/** Runs with a container's lock, when no plugin goes on there that has lost its runtime. Its network is held already. */
export const withContainer = <A, E, R>(
  containerId: string,
  body: (entries: ContainerEntries) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | Requirements> => holdingContainer(containerId, body, (effect) => effect)

const holdingContainer = <A, E, R>(
  containerId: string,
  body: (entries: ContainerEntries) => Effect.Effect<A, E, R>,
  restore: Restore
): Effect.Effect<A, E | LockError, R | Requirements> =>
  holding(
    "container",
    ({ container: lock }) => lock(containerId),
    Effect.flatMap(restore(settleContainer(containerId)), body),
    restore
  )

// The wait can be interrupted where the caller can; the body is as interruptible as its caller.
const holding = <A, E, R>(
  kind: "network" | "container",
  lock: (locks: AttachmentLock["Service"]) => Effect.Effect<void, LockError, Scope.Scope>,
  body: Effect.Effect<A, E, R>,
  restore: Restore
): Effect.Effect<A, E | LockError, R | AttachmentLock> =>
  Effect.scopedWith((scope) =>
    AttachmentLock.use((locks) => restore(Effect.provideService(lock(locks), Scope.Scope, scope))).pipe(
      Effect.andThen(Effect.updateService(body, HeldLocks, (held) => [...held, kind]))
    )
  )
