/** Which kills there are: every other one is aimed, at one step after the other. */
import { diceOf } from "./dice.ts"
import type { RoundId } from "./round.ts"
import { aimOf } from "./seams.ts"

/** The kills of one lane of several that share the work. With `only`, all are aimed at steps that have it in their name. */
export interface Share {
  readonly seed: number
  readonly lane: string
  readonly count: number
  readonly index: number
  readonly lanes: number
  readonly seams: ReadonlyArray<string>
  readonly only: string
}

/** The rounds of a lane. */
export const roundsOf = ({ count, index, lane, lanes, only, seams, seed }: Share): ReadonlyArray<RoundId> => {
  const targets = shuffled(seed, seams.filter((seam) => seam.includes(only)))
  return Array.from({ length: Math.max(0, Math.ceil((count - index) / lanes)) }, (_, round) => {
    const kill = round * lanes + index
    const isAimed = only !== "" || (round + index) % 2 === 0
    const number = only === "" ? Math.floor(kill / 2) : kill
    return { seed, lane, round, aim: isAimed ? aimOf(diceOf(seed, lane, round, "aim"), targets, number) : null }
  })
}

const shuffled = (seed: number, seams: ReadonlyArray<string>): ReadonlyArray<string> => {
  const dice = diceOf(seed, "seams")
  const placed = seams.map((seam) => ({ seam, at: dice.between(0, 1) }))
  return placed.toSorted((left, right) => left.at - right.at).map(({ seam }) => seam)
}
