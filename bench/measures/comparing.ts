/** Measures that compare two sides: groups of them whose sides take turns. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { differences, median, ratios, takeTurns } from "../rounds.ts"
import type { Finding, Group, Side, World } from "../world.ts"

/**
 * A measure, by the names of its sides: the ratio of ours to theirs. Without `theirs` it is the figure of our side, and
 * with `beyond` it is the time that our side takes beyond that one.
 */
export interface Comparison {
  readonly name: string
  readonly ours: string
  readonly theirs?: string
  readonly beyond?: string
}

/** For what varies by a fifth and more from one batch to the next. */
export const often = ({ isQuick, rounds }: World): number => isQuick ? rounds : 3 * rounds

/**
 * A group of comparisons; only the sides that are needed are started. What takes long may have fewer rounds, and what
 * varies more.
 */
export const comparing = (
  comparisons: ReadonlyArray<Comparison>,
  sidesIn: (world: World) => Effect.Effect<Readonly<Record<string, Side>>, never, Scope.Scope>,
  roundsIn: (world: World) => number = ({ rounds }) => rounds
): Group => ({
  names: comparisons.map(({ name }) => name),
  run: Effect.fnUntraced(function*(world, wanted) {
    const chosen = comparisons.filter(({ name }) => wanted.has(name))
    const needed = new Set(chosen.flatMap(({ beyond, ours, theirs }) => [ours, theirs, beyond]))
    const sides = Object.entries(yield* sidesIn(world)).filter(([name]) => needed.has(name))
    const started = new Map(
      yield* Effect.forEach(sides, ([name, side]) => Effect.map(side, (one) => [name, one] as const))
    )
    const samples = yield* takeTurns(started, roundsIn(world))
    return yield* Effect.forEach(
      chosen,
      Effect.fnUntraced(function*({ beyond, name, ours, theirs }) {
        const base = samples.get(beyond ?? "")
        const samplesOf = (side: string) => differences(samples.get(side) ?? [], base)
        const own = samplesOf(ours)
        const peer = started.get(ours)?.peer
        const rss = peer === undefined ? 0 : (yield* peer.ask({ op: "state" })).rss
        const finding = { name, ours: median(own), unit: "ms", rss }
        if (theirs === undefined) return { ...finding, rounds: own } satisfies Finding
        const other = samplesOf(theirs)
        const rounds = beyond === undefined ? ratios(own, other) : own
        return { ...finding, theirs: median(other), rounds } satisfies Finding
      })
    )
  })
})
