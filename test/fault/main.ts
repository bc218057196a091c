/**
 * Kills runtimes and recovers: `npm run test:fault -- [--kills N] [--seed S] [--real N] [--lanes N]
 * [--seam TEXT] [--keep] [--verbose]`. `seam` aims all kills at those steps; `keep` leaves the directories.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { missingForRealPlugins } from "../integration/support.ts"
import type { Arena } from "./arena.ts"
import { runLane } from "./lane.ts"
import { ledgerArena } from "./ledgerArena.ts"
import { pluginsGone } from "./leftovers.ts"
import { crew } from "./processes.ts"
import { realArena, realSeams } from "./realArena.ts"
import { failureOf, summaryOf, titleOf } from "./report.ts"
import type { Round } from "./round.ts"
import { roundsOf } from "./schedule.ts"
import { seams } from "./seams.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "500" },
    real: { type: "string", default: "0" },
    seed: { type: "string", default: String(Crypto.randomInt(2 ** 31)) },
    lanes: { type: "string", default: "4" },
    seam: { type: "string", default: "" },
    keep: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false }
  }
})

const numberOf = (option: "kills" | "real" | "seed" | "lanes"): number => {
  const number = Number(values[option])
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`--${option} takes a number, not "${values[option]}"`)
}
const seed = numberOf("seed")
const kills = numberOf("kills")
const lanes = numberOf("lanes")
const isPossible = numberOf("real") === 0 || missingForRealPlugins.length === 0
const real = isPossible ? numberOf("real") : 0

// A runtime that is started by a test has none of these of its own.
for (const name of Object.keys(process.env)) if (name.startsWith("CNI_")) delete process.env[name]

const scratch = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-fault-"))),
  (directory) =>
    Effect.sync(() => {
      if (!values.keep) Fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10 })
    })
)

const program = Effect.gen(function*() {
  const directory = yield* scratch
  const done: Array<Round> = []
  const report = (round: Round, arena: Arena) => {
    done.push(round)
    const isFailed = round.problems.length > 0
    if (isFailed) console.log(`${failureOf(round)}${values.keep ? `\n  in ${arena.plan.directory}` : ""}`)
    if (values.verbose && !isFailed) console.log(titleOf(round))
    if (done.length % 50 === 0) console.log(`${done.length} of ${kills + real} kills`)
  }
  console.log(`seed ${seed}${values.keep ? `, in ${directory}` : ""}`)
  if (!isPossible) console.log(`no real plugins: this host lacks ${missingForRealPlugins.join("; ")}`)
  let arenas = 0
  const ledger = Effect.acquireRelease(
    Effect.sync(() => ledgerArena(Path.join(directory, `arena-${arenas++}`))),
    ({ plan }) => pluginsGone(plan.pluginPaths)
  )
  const share = { seed, only: values.seam }
  const work = [
    ...Array.from({ length: lanes }, (_, index) => ({
      arena: ledger,
      rounds: roundsOf({ ...share, lane: String(index), count: kills, index, lanes, seams })
    })),
    {
      arena: realArena,
      rounds: roundsOf({ ...share, lane: "real", count: real, index: 0, lanes: 1, seams: realSeams })
    }
  ]
  const compileCache = Path.join(directory, "compiled")
  const runAll = Effect.forEach(
    work,
    (lane) => Effect.flatMap(crew(compileCache), (own) => runLane({ ...lane, crew: own, report })),
    { concurrency: "unbounded", discard: true }
  )
  yield* Effect.scoped(runAll)
  console.log(summaryOf(done))
  const failed = done.filter(({ problems }) => problems.length > 0).length
  console.log(`${done.length - failed} passed, ${failed} failed`)
  const isSkipped = !isPossible && process.env["EFFECT_CNI_REQUIRE_REAL"] === "1"
  process.exitCode = failed === 0 && done.length > 0 && !isSkipped ? 0 : 1
})

NodeRuntime.runMain(Effect.scoped(program))
