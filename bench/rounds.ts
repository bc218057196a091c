/** Taking turns, and what the figures of all turns say together. */
import * as Effect from "effect/Effect"

/** What is measured once a round. */
export interface Sampler<E> {
  readonly warmUp: Effect.Effect<unknown, E>
  readonly sample: Effect.Effect<number, E>
}

/**
 * Takes a sample of everyone in every round, so that all see the same machine at the same time, and in every other round
 * the last one first. The warm-up is not counted.
 */
export const takeTurns = Effect.fnUntraced(function*<E>(
  samplers: ReadonlyMap<string, Sampler<E>>,
  rounds: number
) {
  yield* Effect.forEach(samplers.values(), ({ warmUp }) => warmUp, { discard: true })
  const samples = new Map([...samplers.keys()].map((name): [string, Array<number>] => [name, []]))
  const order = [...samplers]
  for (let round = 0; round < rounds; round++) {
    for (const [name, { sample }] of order) samples.get(name)?.push(yield* sample)
    order.reverse()
  }
  return samples
})

/** The ratio of each pair. */
export const ratios = (ours: ReadonlyArray<number>, theirs: ReadonlyArray<number>): ReadonlyArray<number> =>
  ours.map((figure, index) => figure / (theirs[index] ?? Number.NaN))

/** What each is above the base of its round; without a base, the figures as they are. */
export const differences = (
  figures: ReadonlyArray<number>,
  base: ReadonlyArray<number> | undefined
): ReadonlyArray<number> =>
  base === undefined ? figures : figures.map((figure, index) => figure - (base[index] ?? Number.NaN))

/** The middle one, or between the two in the middle. */
export const median = (figures: ReadonlyArray<number>): number => {
  const sorted = figures.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}
