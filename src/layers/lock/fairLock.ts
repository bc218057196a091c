/** Locks among the fibers of this process, by name: for many at once or for one alone, first come, first served. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { LockTimeout } from "../../domain/errors/CniError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { LockWaitLimit } from "../../services/Tunables.ts"

/** Lets go of what is held. */
export type Release = () => void

/**
 * Until when to wait (ms of `monotonicMillis`), how to wait interruptibly, and whether fibers that come later and need not
 * wait may pass; by default they wait, too.
 */
export interface Wait {
  readonly deadline: number
  readonly letsPass?: boolean
  readonly restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Waits for a lock, and gives what lets go of it; nothing when the deadline comes first. To be run uninterruptibly. */
export type FairLocks = (name: string, mode: LockMode, wait: Wait) => Effect.Effect<Release | undefined>

/** A set of locks. A lock that no fiber wants takes no memory. */
export const make = (): FairLocks => {
  const locks = new Map<string, Lock>()
  return (name, mode, { deadline, letsPass = false, restore }) =>
    Effect.suspend(() => {
      const waiter: Waiter = { mode, letsPass, isGranted: false, wake: () => {} }
      enter(locks, name, waiter)
      const release = () => leave(locks, name, waiter)
      if (waiter.isGranted) return Effect.succeed(release)
      return restore(waitUntil(waiter, deadline)).pipe(
        Effect.onInterrupt(() => Effect.sync(release)),
        Effect.map((isGranted) => {
          if (isGranted) return release
          release()
          return undefined
        })
      )
    })
}

interface Waiter {
  readonly mode: LockMode
  readonly letsPass: boolean
  isGranted: boolean
  wake: () => void
}

interface Lock {
  holders: number
  isExclusive: boolean
  readonly queue: Array<Waiter>
}

const enter = (locks: Map<string, Lock>, name: string, waiter: Waiter) => {
  const lock = locks.get(name) ?? { holders: 0, isExclusive: false, queue: [] }
  locks.set(name, lock)
  lock.queue.push(waiter)
  grant(lock)
}

const leave = (locks: Map<string, Lock>, name: string, waiter: Waiter) => {
  const lock = locks.get(name)
  if (lock === undefined) return
  if (waiter.isGranted) {
    lock.holders--
    lock.isExclusive = false
  } else lock.queue.splice(lock.queue.indexOf(waiter), 1)
  grant(lock)
  if (lock.holders === 0 && lock.queue.length === 0) locks.delete(name)
}

// As many from the head of the queue as can be at once.
const grant = (lock: Lock) => {
  let passed = 0
  for (let next = lock.queue[0]; next !== undefined && !lock.isExclusive; next = lock.queue[passed]) {
    if (next.mode === "exclusive" && lock.holders > 0) {
      if (!next.letsPass) return
      passed++
    } else {
      lock.queue.splice(passed, 1)
      lock.holders++
      lock.isExclusive = next.mode === "exclusive"
      next.isGranted = true
      next.wake()
    }
  }
}

const waitUntil = Effect.fnUntraced(function*(waiter: Waiter, deadline: number): Effect.fn.Return<boolean> {
  const leftMs = deadline - (yield* monotonicMillis)
  if (waiter.isGranted || leftMs <= 0) return waiter.isGranted
  const woken = Effect.callback<void>((resume) => {
    if (waiter.isGranted) return resume(Effect.void)
    waiter.wake = () => resume(Effect.void)
  })
  yield* Effect.timeoutOption(woken, leftMs)
  // A timer of Node can end a moment too early.
  return yield* waitUntil(waiter, deadline)
})

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
