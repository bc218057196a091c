/** Does many short pieces of work without holding the event loop for as long as they take together. */
import * as Effect from "effect/Effect"

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
