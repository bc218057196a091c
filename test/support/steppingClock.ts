/** A clock whose wall time is set an hour forward whenever somebody looks at it; other time goes on as it does. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const hourMs = 3_600_000

export const layer: Layer.Layer<never> = Layer.effect(
  Clock.Clock,
  Effect.map(Clock.Clock, (clock) => {
    let wallMs = 0
    const look = () => wallMs += hourMs
    return {
      currentTimeMillisUnsafe: look,
      currentTimeMillis: Effect.sync(look),
      currentTimeNanosUnsafe: () => BigInt(look()) * 1_000_000n,
      currentTimeNanos: Effect.sync(() => BigInt(look()) * 1_000_000n),
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: clock.monotonicTimeNanos,
      sleep: (duration) => clock.sleep(duration)
    }
  })
)
