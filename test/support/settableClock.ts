/** A clock that can be set, as that of a wall; how much time passes is not changed by it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** The clock of the test, and what sets it. */
export const settableClock = Effect.map(Clock.Clock, (inner) => {
  let shiftMs = 0
  const currentTimeMillisUnsafe = () => inner.currentTimeMillisUnsafe() + shiftMs
  const currentTimeNanosUnsafe = () => inner.currentTimeNanosUnsafe() + BigInt(shiftMs) * 1_000_000n
  const clock: Clock.Clock = {
    sleep: (duration) => inner.sleep(duration),
    monotonicTimeNanos: inner.monotonicTimeNanos,
    monotonicTimeNanosUnsafe: () => inner.monotonicTimeNanosUnsafe(),
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanosUnsafe,
    currentTimeNanos: Effect.sync(currentTimeNanosUnsafe)
  }
  return { clock, by: (ms: number) => shiftMs += ms }
})
