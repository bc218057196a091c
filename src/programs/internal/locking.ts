/** The order of the locks: network before container, never the reverse; held as long as an operation, no longer. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { AttachmentKey } from "../../domain/AttachmentKey.ts"
import { AttachmentLock, HeldLocks, type LockError, type LockMode } from "../../services/AttachmentLock.ts"
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
  holding(
    ["network", "container"],
    (locks) => Effect.andThen(entering(locks, network, "shared"), inside(locks, containerId)),
    body,
    restore
  )

/** Runs with a network's lock, when no GC goes on there that has lost its runtime. */
export const withNetwork = <A, E, R>(
  network: string,
  mode: LockMode,
  body: Effect.Effect<A, E, R>,
  restore: Restore = (effect) => effect
): Effect.Effect<A, E | LockError, R | Requirements> =>
  holding(["network"], (locks) => entering(locks, network, mode), () => body, restore)

/** Runs with a container's lock, when no plugin goes on there that has lost its runtime. Its network is held already. */
export const withContainer = <A, E, R>(
  containerId: string,
  body: (entries: ContainerEntries) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockError, R | Requirements> =>
  holding(["container"], (locks) => inside(locks, containerId), body, (effect) => effect)

type Locks = AttachmentLock["Service"]

const entering = (locks: Locks, network: string, mode: LockMode) =>
  Effect.andThen(locks.network(network, mode), settleCollection(network))

const inside = (locks: Locks, containerId: string) =>
  Effect.andThen(locks.container(containerId), settleContainer(containerId))

// The wait can be interrupted where the caller can; the body is as interruptible as its caller.
const holding = <Found, A, E, R>(
  kinds: ReadonlyArray<"network" | "container">,
  acquire: (locks: Locks) => Effect.Effect<Found, LockError, SettleRequirements | Scope.Scope>,
  body: (found: Found) => Effect.Effect<A, E, R>,
  restore: Restore
): Effect.Effect<A, E | LockError, R | Requirements> =>
  Effect.scopedWith((scope) =>
    Effect.flatMap(
      AttachmentLock.use((locks) => restore(Effect.provideService(acquire(locks), Scope.Scope, scope))),
      (found) => Effect.updateService(body(found), HeldLocks, (held) => [...held, ...kinds])
    )
  )
