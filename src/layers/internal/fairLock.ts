/** Locks among the fibers of this process, by name: for many at once or for one alone, first come, first served. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LockMode } from "../../services/AttachmentLock.ts"

interface Waiter {
  readonly mode: LockMode
  isGranted: boolean
  wake: () => void
}

interface Lock {
  holders: number
  isExclusive: boolean
  readonly queue: Array<Waiter>
}

/** Lets go of what is held. */
export type Release = () => void

/** A set of locks. */
export interface FairLocks {
  /** Holds a lock until the scope closes; gives whether it could be had before the deadline (ms on the clock). */
  readonly hold: (name: string, mode: LockMode, deadline: number) => Effect.Effect<boolean, never, Scope.Scope>
  /** Takes a lock that can be had at once, and gives what lets go of it. */
  readonly take: (name: string, mode: LockMode) => Release | undefined
}

/** Those that nobody wants take no memory. */
export const make = (): FairLocks => {
  const locks = new Map<string, Lock>()

  const enter = (name: string, mode: LockMode): Waiter => {
    const lock = locks.get(name) ?? { holders: 0, isExclusive: false, queue: [] }
    locks.set(name, lock)
    const waiter: Waiter = { mode, isGranted: false, wake: () => {} }
    lock.queue.push(waiter)
    grant(lock)
    return waiter
  }

  const leave = (name: string, waiter: Waiter) => {
    const lock = locks.get(name)
    if (lock === undefined) return
    if (waiter.isGranted) {
      lock.holders--
      lock.isExclusive = false
    } else lock.queue.splice(lock.queue.indexOf(waiter), 1)
    grant(lock)
    if (lock.holders === 0 && lock.queue.length === 0) locks.delete(name)
  }

  return {
    hold: (name, mode, deadline) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          const waiter = enter(name, mode)
          const leaving = Effect.sync(() => leave(name, waiter))
          const granted = waiter.isGranted
            ? Effect.succeed(true)
            : Effect.onInterrupt(restore(waitUntil(waiter, deadline)), () => leaving)
          return Effect.tap(granted, (isGranted) => isGranted ? Effect.addFinalizer(() => leaving) : leaving)
        })
      ),
    take: (name, mode) => {
      const waiter = enter(name, mode)
      const leaving = () => leave(name, waiter)
      if (waiter.isGranted) return leaving
      leaving()
      return undefined
    }
  }
}

// As many from the head of the queue as can be at once.
const grant = (lock: Lock) => {
  for (let next = lock.queue[0]; next !== undefined; next = lock.queue[0]) {
    if (lock.isExclusive || (next.mode === "exclusive" && lock.holders > 0)) return
    lock.queue.shift()
    lock.holders++
    lock.isExclusive = next.mode === "exclusive"
    next.isGranted = true
    next.wake()
  }
}

const waitUntil = Effect.fnUntraced(function*(waiter: Waiter, deadline: number) {
  const leftMs = deadline - (yield* Clock.currentTimeMillis)
  if (waiter.isGranted || leftMs <= 0) return waiter.isGranted
  const woken = Effect.callback<void>((resume) => {
    if (waiter.isGranted) return resume(Effect.void)
    waiter.wake = () => resume(Effect.void)
  })
  yield* Effect.timeoutOption(woken, leftMs)
  return waiter.isGranted
})
