/** How often others have their turn while something goes on. */
import { vi } from "@effect/vitest"
import * as Effect from "effect/Effect"

/** What an effect gives where each look at the process's clock is some ms later than the one before; and others' turns. */
export const withTurns = <A, E, R>(eachLookMs: number, effect: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    let now = 0
    let turns = 0
    yield* Effect.acquireRelease(
      Effect.sync(() => vi.spyOn(performance, "now").mockImplementation(() => now += eachLookMs)),
      (spy) => Effect.sync(() => spy.mockRestore())
    )
    yield* Effect.forkScoped(Effect.forever(Effect.sync(() => turns++)))
    return { result: yield* effect, turns }
  }))
