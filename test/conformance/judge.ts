/** Judges a scenario: each step is as recorded, or rules say what must be instead, or it failed. */
import { compare, inPlaces } from "./compare.ts"
import { after, initially, isSame, type World } from "./recorded.ts"
import { expectations } from "./rules/index.ts"
import { expect, type Expectation, type Expected, type Row, type Setting } from "./rules/situation.ts"
import type { Ran, Scenario } from "./scenario.ts"
import type { Outcome } from "./vector.ts"

/** What is to be said of a step: the rows that accepted it (none where it is as recorded), or what is wrong. */
export interface StepVerdict {
  readonly rows: ReadonlyArray<string>
  readonly problems: ReadonlyArray<string>
}

/** What is to be said of a vector. */
export interface Verdict {
  readonly name: string
  readonly steps: ReadonlyArray<StepVerdict & { readonly call: string }>
}

/** Judges every step. Rows that once applied may show again later, by what they left in the cache or in counters. */
export const judge = (scenario: Scenario): Verdict => {
  const earlier = new Set<string>()
  let recorded = initially(scenario.vector.fixture)
  const steps = scenario.steps.map((ran) => {
    const verdict = judgeStep(scenario, ran, recorded, earlier)
    for (const row of verdict.rows) earlier.add(row)
    recorded = after(recorded, inPlaces(ran.step.want, scenario.places))
    return { call: ran.step.call, ...verdict }
  })
  return { name: scenario.vector.name, steps }
}

/** Of the group `quirks`, those that only their name tells: what we do there is written in part A. */
const decisions: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["quirks/duplicate-members-merged", ["A9"]]
])

const judgeStep = (
  { places, vector: { fixture, name } }: Scenario,
  { before, got, step }: Ran,
  recorded: World,
  earlier: ReadonlySet<string>
): StepVerdict => {
  const want = inPlaces(step.want, places)
  const problems = compare(want, got)
  const expected = expectations[step.call]
  if (problems.length === 0 || expected === undefined) return { rows: [], problems }
  const setting: Setting = { step, fixture, places, ...before }
  const ours = expect(expected, setting, () => false)
  const inherited = isSame(before, recorded) ? decisions.get(name) ?? [] : [...earlier]
  const own = ours === undefined ? [] : rowsOf(expected, setting, ours)
  const rows = own.length > 0 ? own : inherited
  if (ours === undefined || rows.length === 0) return { rows: [], problems: [...problems, "no rule applies"] }
  const unlike = compare(ours.outcome, got)
  if (unlike.length > 0) return { rows: [], problems: [...problems, `but by ${rows.join(", ")}:`, ...unlike] }
  const unexplained = decisions.has(name) ? [] : unlikeLibcni(expected, { ...setting, ...recorded }, want)
  if (unexplained.length === 0) return { rows, problems: [] }
  return { rows: [], problems: [...problems, `${rows.join(", ")} do not explain:`, ...unexplained] }
}

// The same rules must be able to say what libcni did, or else there is another difference among those that they know.
const unlikeLibcni = (expected: Expected, setting: Setting, want: Outcome): ReadonlyArray<string> => {
  const libcni = expect(expected, setting, () => true)
  return libcni === undefined ? [] : compare(libcni.outcome, want)
}

// A row counts if something else would come of the step without it.
const rowsOf = (expected: Expected, setting: Setting, ours: Expectation): ReadonlyArray<Row> =>
  [...ours.rows].filter((row) => {
    const without = expect(expected, setting, (other) => other === row)
    return without === undefined || compare(ours.outcome, without.outcome).length > 0
  })
