/** Runs conformance vectors against the public API: `npm run conformance [-- --exec memory|process] [-- DIR …]`. */
import { Effect, Result } from "effect"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { judge } from "./judge.ts"
import { printReport } from "./report.ts"
import { needsProcesses, runVector } from "./scenario.ts"
import type { Mode } from "./services.ts"
import { readVectors, waiting } from "./vector.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { exec: { type: "string", multiple: true } }
})

const directories = positionals.length === 0 ? [Path.join(import.meta.dirname, "vectors")] : positionals
const read = directories.flatMap((directory) => readVectors(directory))
const vectors = read.filter(Result.isSuccess).map(({ success }) => success)
const broken = read.filter(Result.isFailure).map(({ failure }) => failure)
const modes: ReadonlyArray<Mode> = (["memory", "process"] as const).filter((mode) =>
  values.exec?.includes(mode) ?? true
)

// The recording process had none of these either.
for (const name of Object.keys(process.env)) if (name.startsWith("CNI_")) delete process.env[name]

const runAll = Effect.fnUntraced(function*(mode: Mode) {
  const startedAt = performance.now()
  const possible = vectors.filter((vector) => mode === "process" || !needsProcesses(vector))
  // Those that wait for long come first, so that nobody waits for them in the end.
  const inOrder = possible.toSorted((left, right) => waiting(right) - waiting(left))
  const verdicts = yield* Effect.forEach(inOrder, (vector) => runVector(mode, vector, judge), { concurrency: 6 })
  return {
    mode,
    verdicts: verdicts.toSorted((left, right) => left.name < right.name ? -1 : 1),
    leftOut: vectors.length - possible.length,
    seconds: (performance.now() - startedAt) / 1000
  }
})

process.exitCode = printReport(await Effect.runPromise(Effect.forEach(modes, runAll)), broken)
