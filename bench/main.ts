/**
 * Measures this library beside Go's libcni: `npm run bench -- [--quick] [--json FILE] [--only NAME[,NAME]] [--rounds N]`.
 * A full run writes docs/benchmarks.md; one of all that has a limit adds to docs/benchmarks.json,
 * and brings the last runs in docs/benchmarks.md up to date.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as process from "node:process"
import { missingForRealPlugins } from "../test/integration/support.ts"
import { temporaryDirectory } from "../test/support/directory.ts"
import { build } from "./build.ts"
import { ownFileSystem } from "./caches.ts"
import { describeMachine } from "./machine.ts"
import { groups } from "./measures/all.ts"
import { newNamespace } from "./namespace.ts"
import { readOptions } from "./options.ts"
import { remember, runOf } from "./report/history.ts"
import { judge, type Judged } from "./report/judge.ts"
import { markdown, withLastRuns } from "./report/markdown.ts"
import { header, row } from "./report/table.ts"
import { measures, quick, targets } from "./targets.ts"

const options = readOptions(process.argv.slice(2))
const say = (text: string) => Effect.sync(() => process.stdout.write(`${text}\n`))

// Plugins that a measure starts have no CNI variables but its own, and Node and the C library are as they come.
for (const name of Object.keys(process.env)) if (/^(CNI|NODE|MALLOC)_/.test(name)) delete process.env[name]

const measureAll = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const programs = yield* build(directory)
  const own = yield* ownFileSystem(directory)
  if (own === undefined) {
    yield* say("the caches are where temporary files are: no file system of their own can be mounted")
  }
  const caches = own ?? directory
  const netns = yield* newNamespace(directory)
  const world = { directory, caches, netns, programs, isQuick: options.isQuick, rounds: options.rounds }
  const everything = options.isQuick ? quick : measures
  const wanted = new Set(options.only ?? everything)
  const chosen = groups.filter(({ names }) => names.some((name) => wanted.has(name)))
  if (missingForRealPlugins.length > 0) {
    yield* say(`not measured with real plugins: this host lacks ${missingForRealPlugins.join("; ")}`)
  }
  yield* say(header)
  const judged = yield* Effect.forEach(chosen, ({ run }) =>
    Effect.scoped(run(world, wanted)).pipe(
      Effect.map((findings) => findings.map(judge)),
      Effect.tap(Effect.forEach((one) => say(row(one))))
    ))
  return { caches, judged: judged.flat().toSorted((a, b) => measures.indexOf(a.name) - measures.indexOf(b.name)) }
})

const jsonOf = (all: ReadonlyArray<Judged>): string =>
  JSON.stringify(
    all.flatMap(({ figure, name, rounds, target }) =>
      target === undefined ? [] : [{ measure: name, ratio: figure, must: target.must, aim: target.aim, rounds }]
    ),
    null,
    2
  )

const docs = Path.resolve(import.meta.dirname, "..", "docs")

const keep = (all: ReadonlyArray<Judged>, caches: string) => {
  const measured = new Set(all.map(({ name }) => name))
  if (options.isQuick || !Object.keys(targets).every((name) => measured.has(name))) return
  const machine = describeMachine(caches)
  const runs = remember(Path.join(docs, "benchmarks.json"), runOf(all, new Map(machine).get("CPU") ?? ""))
  const file = Path.join(docs, "benchmarks.md")
  const isFull = options.only === undefined
  const text = isFull
    ? markdown(all, machine, { rounds: options.rounds, runs })
    : withLastRuns(Fs.readFileSync(file, "utf8"), runs)
  Fs.writeFileSync(file, text)
  // The formatter lays out the tables.
  ChildProcess.execFileSync("dprint", ["fmt", "docs/benchmarks.md"], { cwd: Path.dirname(docs), stdio: "ignore" })
}

const program = Effect.gen(function*() {
  const { caches, judged } = yield* measureAll
  keep(judged, caches)
  if (options.json !== undefined) Fs.writeFileSync(options.json, `${jsonOf(judged)}\n`)
  const missed = judged.filter(({ verdict }) => verdict === "MISSED").map(({ name }) => name)
  yield* say(missed.length === 0 ? "every must is met" : `missed: ${missed.join(", ")}`)
})

NodeRuntime.runMain(Effect.scoped(program))
