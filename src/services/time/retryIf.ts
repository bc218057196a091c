/** Trying again by a schedule, at no cost for what succeeds. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"

/**
 * `Effect.retry` of the errors that are worth it, with a schedule that is tuned. It is looked up and started with the first
 * such error, which is rare.
 */
export const retryIf = <A, E, R>(
  trying: Effect.Effect<A, E, R>,
  isWorthIt: (error: E) => boolean,
  schedule: Context.Reference<Schedule.Schedule<unknown>>
): Effect.Effect<A, E, R> =>
  Effect.catchIf(trying, isWorthIt, (error) =>
    Effect.gen(function*() {
      let failed: Effect.Effect<A, E, R> | undefined = Effect.fail(error)
      const again = Effect.suspend(() => {
        const next = failed ?? trying
        failed = undefined
        return next
      })
      return yield* Effect.retry(again, { schedule: yield* schedule, while: isWorthIt })
    }))
