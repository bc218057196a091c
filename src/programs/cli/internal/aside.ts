/** Gives the terminal to somebody else for a while. */
import type * as Effect from "effect/Effect"
import type { Settings } from "./settings.ts"

/** Does something that wants the terminal for itself: no progress is shown meanwhile. */
export const aside = <A, E, R>({ watch }: Settings, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  watch === undefined ? effect : watch.aside(effect)
