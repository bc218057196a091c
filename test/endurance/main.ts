/**
 * Runs plugins by the thousands, of every behaviour that has a known truth, and compares: `npm run test:endurance --
 * [--runs N] [--lanes N] [--seed S] [--layer posix_spawn|spawn]`. Nothing may be left of them in the end: no
 * descriptor, no zombie, no process.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { temporaryDirectory } from "../support/directory.ts"
import { compile, makePrograms, missingForPrograms } from "./programs.ts"
import { type Orders, summaryOf } from "./report.ts"
import { supervise } from "./supervise.ts"

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    lanes: { type: "string", default: "32" },
    seed: { type: "string", default: String(Crypto.randomInt(2 ** 31)) },
    layer: { type: "string", multiple: true }
  }
})

const numberOf = (option: "runs" | "lanes" | "seed"): number => {
  const number = Number(values[option])
  if (Number.isSafeInteger(number) && (number > 0 || option === "seed")) return number
  throw new Error(`--${option} takes a number, not "${values[option]}"`)
}
const known = ["posix_spawn", "spawn"] as const
const unknown = values.layer?.find((name) => !known.some((layer) => layer === name))
if (unknown !== undefined) throw new Error(`--layer is ${known.join(", ")}, not "${unknown}"`)
const layers = known.filter((layer) => values.layer?.includes(layer) ?? true)
const share = { runs: numberOf("runs"), lanes: numberOf("lanes"), seed: numberOf("seed") }

// A runtime that is started by a test has none of these of its own.
for (const name of Object.keys(process.env)) if (name.startsWith("CNI_")) delete process.env[name]

const passOn = Effect.fnUntraced(function*(layer: Orders["layer"], directory: string, nursery: string) {
  const orders = { ...share, layer, directory, mark: Crypto.randomUUID() }
  const { problems, report } = yield* supervise(orders, nursery)
  console.log(report === undefined ? `${layer} (seed ${share.seed})` : summaryOf(orders, report))
  for (const problem of problems) console.log(`  FAILED: ${problem}`)
  return problems.length === 0
})

const program = Effect.gen(function*() {
  if (missingForPrograms.length > 0) {
    console.log(`this host lacks ${missingForPrograms.join(" and ")}`)
    process.exitCode = 1
    return
  }
  const scratch = yield* temporaryDirectory
  const directory = Path.join(scratch, "plugins")
  const nursery = Path.join(scratch, "nursery")
  Fs.mkdirSync(directory)
  makePrograms(directory)
  compile("nursery.c", nursery)
  const ok = yield* Effect.forEach(layers, (layer) => passOn(layer, directory, nursery))
  const failed = ok.filter((isOk) => !isOk).length
  console.log(`${ok.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
})

NodeRuntime.runMain(Effect.scoped(program))
