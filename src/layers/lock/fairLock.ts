/** Locks among the fibers of this process, by name: for many at once or for one alone, first come, first served. */
import * as Effect from "effect/Effect"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"

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

const waitUntil = Effect.fnUntraced(function*(waiter: Waiter, deadline: number) {
  const leftMs = deadline - (yield* monotonicMillis)
  if (waiter.isGranted || leftMs <= 0) return waiter.isGranted
  const woken = Effect.callback<void>((resume) => {
    if (waiter.isGranted) return resume(Effect.void)
    waiter.wake = () => resume(Effect.void)
  })
  yield* Effect.timeoutOption(woken, leftMs)
  return waiter.isGranted
})
