/** Lets the rest of the process go on while dozens of plugins are started and waited for. */
import * as Effect from "effect/Effect"

const longMs = 2

/** When the current turn of the event loop was first looked at. */
let turnStart: number | undefined

/** Whether the current turn of the event loop has been long, as far as it was looked at. */
export const isLong = (): boolean => {
  if (turnStart !== undefined) return performance.now() - turnStart > longMs
  turnStart = performance.now()
  setImmediate(() => {
    turnStart = undefined
  })
  return false
}

const nextTurn: Effect.Effect<void> = Effect.callback((resume) => {
  const waiting = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(waiting))
})

/** Goes on at once, or in the next turn of the event loop that has time for it. */
export const yieldWhenLong: Effect.Effect<void> = Effect.suspend(() =>
  isLong() ? Effect.andThen(nextTurn, yieldWhenLong) : Effect.void
)
