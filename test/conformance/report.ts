/** Says what came of the vectors. */
import type { Verdict } from "./judge.ts"
import type { Mode } from "./services.ts"
import type { Broken } from "./vector.ts"

/** The vectors in one mode. `leftOut` are those that cannot exist in it. */
export interface Run {
  readonly mode: Mode
  readonly verdicts: ReadonlyArray<Verdict>
  readonly leftOut: number
  readonly seconds: number
}

/** Prints every mismatch, then the counts; gives the exit status. */
export const printReport = (runs: ReadonlyArray<Run>, broken: ReadonlyArray<Broken>): number => {
  for (const { file, reason } of broken) console.log(`FAILED ${file} is no vector: ${reason}`)
  for (const { mode, verdicts } of runs) for (const verdict of verdicts) printProblems(mode, verdict)
  for (const { leftOut, mode, seconds, verdicts } of runs) {
    const left = leftOut === 0 ? "" : `, ${leftOut} left out (real executables)`
    console.log(`${mode}: ${verdicts.length} vectors in ${seconds.toFixed(1)} s${left}`)
  }
  const all = runs.flatMap(({ verdicts }) => verdicts)
  const failed = all.filter(isFailed).length + broken.length
  console.log(`${all.filter((verdict) => !isFailed(verdict)).length} passed, ${failed} failed`)
  printRows(all)
  return failed === 0 && all.length > 0 ? 0 : 1
}

const isFailed = ({ steps }: Verdict): boolean => steps.some(({ problems }) => problems.length > 0)

const printProblems = (mode: Mode, { name, steps }: Verdict) => {
  steps.forEach(({ call, problems }, index) => {
    if (problems.length === 0) return
    console.log(`FAILED ${name} (${mode}), step ${index + 1}, ${call}`)
    for (const problem of problems) console.log(problem.replaceAll(/^/gm, "    "))
  })
}

const printRows = (verdicts: ReadonlyArray<Verdict>) => {
  const counts = new Map<string, number>()
  for (const row of verdicts.flatMap(({ steps }) => steps).flatMap(({ rows }) => rows)) {
    counts.set(row, (counts.get(row) ?? 0) + 1)
  }
  const byNumber = [...counts].sort(([left], [right]) => left.localeCompare(right, "en", { numeric: true }))
  for (const [row, count] of byNumber) console.log(`${row}: ${count} steps`)
}
