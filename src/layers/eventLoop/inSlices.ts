/** Many small pieces of work that hold the event loop, and must not hold it for as long as they all take. */
import * as Effect from "effect/Effect"
import { stopwatch } from "./stopwatch.ts"

const sliceMs = 4

/** Does them in order; who waits for the event loop has it every few milliseconds. */
export const inSlices = Effect.fnUntraced(function*<A, B, E, R>(
  items: ReadonlyArray<A>,
  work: (item: A) => Effect.Effect<B, E, R>
): Effect.fn.Return<ReadonlyArray<B>, E, R> {
  const done: Array<B> = []
  let elapsed = stopwatch()
  for (const item of items) {
    if (elapsed() > sliceMs) {
      yield* Effect.yieldNow
      elapsed = stopwatch()
    }
    done.push(yield* work(item))
  }
  return done
})
