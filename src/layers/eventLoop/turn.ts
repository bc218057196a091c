/** Makes way for everything else that this process does, when plugins are started and waited for by the dozen. */
import * as Effect from "effect/Effect"
import { stopwatch } from "./stopwatch.ts"

const longMs = 2

let elapsed: (() => number) | undefined

/** Whether the event loop has been held for long enough, as far as we have seen of this turn of it. */
export const isLong = (): boolean => {
  if (elapsed !== undefined) return elapsed() > longMs
  elapsed = stopwatch()
  setImmediate(() => {
    elapsed = undefined
  })
  return false
}

const next: Effect.Effect<void> = Effect.callback((resume) => {
  const waiting = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(waiting))
})

/** Goes on at once, or in a turn that has time for it. */
export const makeWay: Effect.Effect<void> = Effect.suspend(() => isLong() ? Effect.andThen(next, makeWay) : Effect.void)
