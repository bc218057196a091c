/** Recoveries after a kill, and beside: none of them may find what another has spoiled. */
import * as Effect from "effect/Effect"
import type { Dice } from "./dice.ts"
import type { Crew, Recovery } from "./processes.ts"

/** A recovery beside a driver that lives, some time after it was started. */
export const recoverBeside = Effect.fnUntraced(function*({ recover }: Crew, plan: string, dice: Dice) {
  if (!dice.chance(0.3)) return
  yield* Effect.sleep(dice.between(0, 1500))
  yield* recover(plan)
})

/** Recoveries that die as well, or that are not the only one. */
export const recoverBadly = Effect.fnUntraced(function*({ recover }: Crew, plan: string, dice: Dice) {
  // Each finds what the one before it was killed in.
  while (dice.chance(0.3)) yield* recover(plan, dice.between(0, 1000))
  if (dice.chance(0.1)) yield* Effect.all([recover(plan), recover(plan)], { concurrency: 2 })
})

/** Recovers until no plugin refuses any more, which each of them does once at most. */
export const recoverAll = Effect.fnUntraced(function*({ recover }: Crew, plan: string) {
  const recoveries: Array<Recovery | string> = []
  for (let left = maxRecoveries; left > 0; left--) {
    const one = yield* recover(plan)
    recoveries.push(one)
    if (typeof one === "string" || one.failing.length === 0) break
  }
  return recoveries
})

const maxRecoveries = 4

/** What the last recovery may not say. */
export const problemsOf = (recovery: Recovery | string | undefined): ReadonlyArray<string> => {
  if (recovery === undefined) return []
  if (typeof recovery === "string") return [`recover failed: ${recovery}`]
  return [...recovery.failing, ...recovery.damaged].map((message) => `recover could not recover: ${message}`)
}
