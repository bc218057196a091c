/** What the last runs said, kept in docs/benchmarks.json: one run alone may be luck, or of a lucky machine. */
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import type { Judged } from "./judge.ts"

/** A run of all that has a limit: the day, the commit with `+` for what was changed since, where, and the figures by measure. */
export interface Run extends Schema.Schema.Type<typeof Run> {}

const Run = Schema.Struct({
  day: Schema.String,
  commit: Schema.String,
  cpu: Schema.String,
  figures: Schema.Record(Schema.String, Schema.Finite)
})

const Runs = Schema.fromJsonString(Schema.Array(Run))

/** Adds a run to a file, and gives what is in it then: the last few, the newest first. */
export const remember = (file: string, run: Run): ReadonlyArray<Run> => {
  const earlier = Fs.existsSync(file) ? Schema.decodeUnknownSync(Runs)(Fs.readFileSync(file, "utf8")) : []
  const runs = [run, ...earlier].slice(0, 10)
  Fs.writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`)
  return runs
}

/** What was measured just now. */
export const runOf = (all: ReadonlyArray<Judged>, cpu: string): Run => ({
  day: new Date().toISOString().slice(0, 10),
  commit: commit(),
  cpu,
  figures: Object.fromEntries(
    all.flatMap(({ figure, name, target }) => target === undefined ? [] : [[name, Number(figure.toPrecision(4))]])
  )
})

const commit = (): string => {
  const changed = git("status", "--porcelain", "--", "src", "bench", "package-lock.json")
  return git("rev-parse", "--short", "HEAD") + (changed === "" ? "" : "+")
}

const git = (...args: ReadonlyArray<string>): string =>
  ChildProcess.execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim()
