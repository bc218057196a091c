/** Waiting for a lock, for as long as `LockWaitLimit` allows. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { LockTimeout } from "../../domain/errors/CniError.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { LockWaitLimit } from "../../services/Tunables.ts"
import type { Release, Wait } from "./fairLock.ts"

/** A lock that an operation asks for. */
export interface Wanted<E> {
  readonly about: { readonly network: string; readonly containerId: string }
  /**
   * Whether it gives way to others now and then, as a GC does: while it waits for the operations on a network to end, it
   * keeps new ones out.
   */
  readonly givesWay: boolean
  /** Waits until the deadline at the most; run uninterruptibly. */
  readonly ask: (wait: Wait) => Effect.Effect<Release | undefined, E>
  /** The processes that hold it, for the error. */
  readonly holders: () => LockTimeout["holders"]
}

/** Holds a lock until the scope closes. */
export const waitFor = Effect.fnUntraced(function*<E>(
  { about, ask, givesWay, holders }: Wanted<E>
): Effect.fn.Return<void, E | LockTimeout, Scope.Scope> {
  const startedAt = yield* monotonicMillis
  const limitMs = Duration.toMillis(yield* LockWaitLimit)
  const isHeld = yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const wait = { deadline: startedAt + limitMs, restore }
    const release = yield* (givesWay ? inTurns(ask, wait, limitMs) : ask(wait))
    if (release !== undefined) yield* Effect.addFinalizer(() => Effect.sync(release))
    return release !== undefined
  }))
  if (isHeld) return
  const waitedMs = Math.round((yield* monotonicMillis) - startedAt)
  return yield* new LockTimeout({ ...about, waitedMs, holders: holders() })
})

// Keeps new operations out for a while, then lets them pass for a while, and so on. Each time it keeps them out for longer,
// so that also operations that take some seconds end meanwhile, and lets them pass for longer.
const inTurns = Effect.fnUntraced(function*<E>(ask: Wanted<E>["ask"], { deadline, restore }: Wait, limitMs: number) {
  const longestTurnMs = Math.ceil(Math.min(5000, limitMs / 8))
  let turnMs = Math.min(1000, longestTurnMs)
  for (let passMs = turnMs;; passMs = Math.min(passMs * 2, longestPassMs)) {
    const turnEnds = Math.min(deadline, (yield* monotonicMillis) + turnMs)
    const first = yield* ask({ deadline: turnEnds, restore })
    if (first !== undefined || (yield* monotonicMillis) >= deadline) return first
    const passEnds = Math.min(deadline, turnEnds + Math.ceil(passMs * (0.5 + (yield* Random.next))))
    const free = yield* whenFree(ask, { deadline: passEnds, restore, letsPass: true })
    if (free !== undefined || (yield* monotonicMillis) >= deadline) return free
    turnMs = Math.min(turnMs * 2, longestTurnMs)
  }
})

const longestPassMs = 60_000

// Has the lock as soon as it is free. The kernel does not say when that is, so it is asked again and again.
const whenFree = Effect.fnUntraced(function*<E>(ask: Wanted<E>["ask"], wait: Wait) {
  for (;;) {
    const release = yield* ask(wait)
    const leftMs = wait.deadline - (yield* monotonicMillis)
    if (release !== undefined || leftMs <= 0) return release
    yield* wait.restore(Effect.sleep(Math.ceil(Math.min(leftMs, pollMs))))
  }
})

const pollMs = 30
