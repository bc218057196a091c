/** Keeps operations apart that must not overlap, of this process and of others (spec, section 3 "Lifecycle & Ordering"). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Origin, Owner } from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError, LockTimeout } from "../../domain/errors/CniError.ts"

/** Why a lock could not be had: it was held for longer than `LockWaitLimit`, or there is no place for it. */
export type LockError = LockTimeout | CacheIoError

/** Whether others may hold the lock at the same time, who want to share it too. */
export type LockMode = "shared" | "exclusive"

export class AttachmentLock extends Context.Service<AttachmentLock, {
  /** Holds a network until the scope closes. Never to be asked for while a container is held. */
  readonly network: (network: string, mode: LockMode) => Effect.Effect<void, LockError, Scope.Scope>
  /** Holds a container, in all networks, until the scope closes. */
  readonly container: (containerId: string) => Effect.Effect<void, LockError, Scope.Scope>
  /** Who we are, with a lease that we hold until we end, however we end. */
  readonly owner: Effect.Effect<Owner, CacheIoError>
  /** Whether an owner is still there. */
  readonly isAlive: (owner: Owner) => Effect.Effect<boolean, CacheIoError>
  /** Where an owner ran. */
  readonly originOf: (owner: Owner) => Effect.Effect<Origin>
  /** Removes what dead holders left. */
  readonly sweep: Effect.Effect<void, CacheIoError>
}>()("effect-cni/services/AttachmentLock") {}

/** What the operation that is running holds: a layer can see by it that the order is kept. */
export const HeldLocks = Context.Reference<ReadonlyArray<"network" | "container">>("effect-cni/HeldLocks", {
  defaultValue: () => []
})
