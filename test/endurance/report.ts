/** What a pass has found, and how that is printed. */
import * as Schema from "effect/Schema"
import { type Plan, unless } from "./plan.ts"

/** What a pass is asked for. */
export const Orders = Schema.Struct({
  layer: Schema.Literals(["posix_spawn", "spawn"]),
  runs: Schema.Int,
  lanes: Schema.Int,
  seed: Schema.Int,
  directory: Schema.String,
  mark: Schema.String
})
export type Orders = typeof Orders.Type
export const OrdersText = Schema.fromJsonString(Orders)

/** What a pass has found. */
export const Report = Schema.Struct({
  kinds: Schema.Array(Schema.Struct({ kind: Schema.String, runs: Schema.Int, ok: Schema.Int })),
  /** The first of them, in words. */
  failures: Schema.Array(Schema.String),
  /** What was left open or running. */
  left: Schema.Array(Schema.String),
  descriptors: Schema.Int,
  seconds: Schema.Finite,
  /** What keeps the process alive, in Node's words. */
  resources: Schema.Array(Schema.String)
})
export type Report = typeof Report.Type
export const ReportText = Schema.fromJsonString(Report)

/** Counts runs by kind, and keeps the first failures. */
export const tally = () => {
  const kinds = new Map<string, { runs: number; ok: number }>()
  const failures: Array<string> = []
  return {
    add: ({ index, kind, steps }: Plan, differences: ReadonlyArray<string>) => {
      const { ok, runs } = kinds.get(kind) ?? { ok: 0, runs: 0 }
      kinds.set(kind, { runs: runs + 1, ok: differences.length === 0 ? ok + 1 : ok })
      if (differences.length === 0 || failures.length === mostFailures) return
      failures.push(`run ${index}, which ${kind} (${steps.slice(0, 60).trim()}): ${differences.join("; ")}`)
    },
    kinds: () =>
      [...kinds].map(([kind, counts]) => ({ kind, ...counts })).toSorted((left, right) =>
        left.kind < right.kind ? -1 : 1
      ),
    failures
  }
}

const mostFailures = 20

/** What is wrong with a pass. */
export const problemsOf = ({ runs }: Orders, { failures, kinds, left }: Report): ReadonlyArray<string> => {
  const done = kinds.reduce((sum, kind) => sum + kind.runs, 0)
  const failed = kinds.reduce((sum, kind) => sum + kind.runs - kind.ok, 0)
  return [
    ...failures,
    ...unless(failed === 0, () => `${failed} runs went wrong`),
    ...unless(done === runs, () => `${done} runs ended, not ${runs}`),
    ...left
  ]
}

/** All of a pass, a line each. */
export const summaryOf = ({ lanes, layer, runs, seed }: Orders, report: Report): string =>
  [
    `${layer}: ${runs} runs, ${lanes} at a time, in ${report.seconds.toFixed(1)} s (seed ${seed})`,
    ...report.kinds.map(({ kind, ok, runs: of }) => `  ${kind}: ${of} runs, ${ok} ok`),
    `  left: ${report.left.length === 0 ? `nothing, with ${report.descriptors} descriptors open as before` : ""}`
  ].join("\n")
