/** All runs on one layer, in a process of its own, which must end by itself then. Reports on descriptor 3. */
import { NodePluginExec, PosixSpawnPluginExec } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { kill, openAfter, runningAfter, steadyDescriptors } from "./host.ts"
import { planOf } from "./kinds.ts"
import { programsIn } from "./programs.ts"
import { OrdersText, ReportText, tally } from "./report.ts"
import { run } from "./run.ts"

const { directory, lanes, layer, mark, runs, seed } = Schema.decodeUnknownSync(OrdersText)(process.argv[2])
const lingering = new Set<number>()
const deck = { layer, lingering, programs: programsIn(directory) }

const runAll = (count: number, ofSeed: number, add: ReturnType<typeof tally>["add"]) =>
  Effect.forEach(Array.from({ length: count }).keys(), (index) => {
    const plan = planOf(ofSeed, index, deck)
    return Effect.map(run(plan), (seen) => add(plan, plan.check(seen)))
  }, { concurrency: lanes, discard: true })

const pass = Effect.gen(function*() {
  // What is opened once and kept is open before it counts.
  yield* runAll(Math.min(runs, warmUpRuns), seed + 1, () => {})
  yield* nobodyRuns
  const before = yield* steadyDescriptors
  const startedAt = performance.now()
  const counts = tally()
  yield* runAll(runs, seed, counts.add)
  const seconds = (performance.now() - startedAt) / 1000
  const left = [...yield* openAfter(before), ...yield* nobodyRuns]
  return { kinds: counts.kinds(), failures: counts.failures, left, descriptors: before.length, seconds }
})

// Those that linger do so until the descriptors were looked at: nobody may keep their pipes open.
const nobodyRuns = Effect.suspend(() => {
  for (const pid of lingering) kill(pid)
  lingering.clear()
  return runningAfter(mark, directory)
})

const warmUpRuns = 500

const execs = {
  spawn: NodePluginExec.layer,
  posix_spawn: PosixSpawnPluginExec.layer
}
const report = await Effect.runPromise(Effect.gen(function*() {
  const report = yield* Effect.orDie(Effect.provide(pass, execs[layer]))
  return { ...report, left: [...report.left, ...yield* runningAfter(mark, directory)] }
}))
const text = Schema.encodeSync(ReportText)({ ...report, resources: process.getActiveResourcesInfo() })
Fs.writeSync(3, `${text}\n`)
