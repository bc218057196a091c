/** What is printed of all the kills: each failure, then what was hit, then how many passed. */
import type { Round } from "./round.ts"

/** A kill in a few words. */
export const titleOf = ({ aim, isHit, lane, round, running, states }: Round): string =>
  [
    `lane ${lane} round ${round}`,
    aim === null ? "at random" : `aimed ${aim.seam}${isHit ? "" : " (missed)"}`,
    `journal: ${tallyOf(states) || "empty"}`,
    `running: ${tallyOf(running) || "nothing"}`
  ].join(", ")

/** A failure, with what it takes to start the same again. */
export const failureOf = (round: Round): string =>
  [`FAILED seed ${round.seed}: ${titleOf(round)}`, ...round.problems.map((problem) => `  ${problem}`)].join("\n")

/** What all the kills hit. */
export const summaryOf = (rounds: ReadonlyArray<Round>): string => {
  const aimed = rounds.filter(({ aim }) => aim !== null)
  const seams = new Map<string, { hit: number; of: number }>()
  for (const { aim, isHit } of aimed) {
    const { hit, of } = seams.get(aim?.seam ?? "") ?? { hit: 0, of: 0 }
    seams.set(aim?.seam ?? "", { hit: hit + (isHit ? 1 : 0), of: of + 1 })
  }
  const hits = [...seams].toSorted(([left], [right]) => left < right ? -1 : 1).map(([seam, { hit, of }]) =>
    `  ${seam}: ${hit === of ? hit : `${hit} of ${of}`}`
  )
  return [
    `${rounds.length} kills and ${sumOf(rounds, ({ drivers }) => drivers - 1)} of a driver before that: ` +
    `${rounds.length - aimed.length} at random, ${aimed.length} aimed, of which ` +
    `${aimed.filter(({ isHit }) => isHit).length} hit`,
    `kills with an entry in the journal that was ${countOf(rounds, ({ states }) => states)}`,
    `kills with a plugin running for ${countOf(rounds, ({ running }) => running)}`,
    `attachments recovered: ${sumOf(rounds, ({ recovered }) => recovered)}; left attached, over all kills: ` +
    `${sumOf(rounds, ({ live }) => live.length)}; recoveries: ${sumOf(rounds, ({ recoveries }) => recoveries)}`,
    `seconds per driver ${meanOf(rounds, ({ seconds }) => seconds.driver)}, per recovery ` +
    meanOf(rounds, ({ seconds }) => seconds.recovery),
    ...hits
  ].join("\n")
}

// In how many kills there was something.
const countOf = (rounds: ReadonlyArray<Round>, of: (round: Round) => ReadonlyArray<string>): string =>
  tallyOf(rounds.flatMap((round) => {
    const some = new Set(of(round))
    return some.size === 0 ? ["none"] : [...some]
  }))

const tallyOf = (names: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted(([left], [right]) => left < right ? -1 : 1).map(([name, count]) => `${name} ${count}`)
    .join(", ")
}

const sumOf = (rounds: ReadonlyArray<Round>, of: (round: Round) => number): number =>
  rounds.reduce((sum, round) => sum + of(round), 0)

const meanOf = (rounds: ReadonlyArray<Round>, of: (round: Round) => number): string =>
  (sumOf(rounds, of) / Math.max(1, rounds.length)).toFixed(1)
