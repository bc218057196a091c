/** What a finding means: its median, its spread, and what it had to meet. */
import { median } from "../rounds.ts"
import { type Target, targets } from "../targets.ts"
import type { Finding } from "../world.ts"

export interface Judged extends Finding {
  readonly figure: number
  readonly min: number
  readonly max: number
  /** None for what is measured beside. */
  readonly target: Target | undefined
  readonly verdict: "aim met" | "must met" | "MISSED" | ""
}

export const judge = (finding: Finding): Judged => {
  const figure = median(finding.rounds)
  const target = targets[finding.name]
  const verdict = target === undefined
    ? ""
    : figure <= target.aim
    ? "aim met"
    : figure <= target.must
    ? "must met"
    : "MISSED"
  return { ...finding, figure, min: Math.min(...finding.rounds), max: Math.max(...finding.rounds), target, verdict }
}

/** A figure as a person wants it. */
export const show = (figure: number): string =>
  Number.isNaN(figure)
    ? "-"
    : Math.abs(figure) >= 100
    ? figure.toFixed(0)
    : Math.abs(figure) >= 10
    ? figure.toFixed(1)
    : figure.toFixed(2)

/** The medians of both sides. */
export const absolutes = ({ ours, theirs, unit }: Finding): string =>
  theirs === undefined ? `${show(ours)} ${unit}` : `${show(ours)} to ${show(theirs)} ${unit}`
