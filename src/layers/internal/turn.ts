/** Makes way for everything else that this process does, when plugins are started and waited for by the dozen. */
import * as Effect from "effect/Effect"

const longMs = 2

let startedAt: number | undefined

/** Whether the event loop has been held for long enough, as far as we have seen of this turn of it. */
export const isLong = (): boolean => {
  const now = performance.now()
  if (startedAt !== undefined) return now - startedAt > longMs
  startedAt = now
  setImmediate(() => {
    startedAt = undefined
  })
  return false
}

const next: Effect.Effect<void> = Effect.callback((resume) => {
  const waiting = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(waiting))
})

/** Goes on at once, or in a turn that has time for it. */
export const makeWay: Effect.Effect<void> = Effect.suspend(() => isLong() ? Effect.andThen(next, makeWay) : Effect.void)
