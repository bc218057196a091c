/** Lets the rest of the process go on while much is done: dozens of plugins are started, or thousands of files are read. */
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

const sliceMs = 4

/** Does them in order, and lets other fibers go on every few milliseconds. */
export const forEachSliced = Effect.fnUntraced(function*<A, B, E, R>(
  items: ReadonlyArray<A>,
  work: (item: A) => Effect.Effect<B, E, R>
): Effect.fn.Return<ReadonlyArray<B>, E, R> {
  const done: Array<B> = []
  let sliceStart = performance.now()
  for (const item of items) {
    if (performance.now() - sliceStart > sliceMs) {
      yield* Effect.yieldNow
      sliceStart = performance.now()
    }
    done.push(yield* work(item))
  }
  return done
})
