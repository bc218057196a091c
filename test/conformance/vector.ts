/** A vector: one small scenario and what came of it under libcni; the format is described beside the vectors. */
import { Result, Schema } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isMembers, parseJson } from "./json.ts"

/** How a plugin behaves in one run. */
const Reply = Schema.Struct({
  stdout: Schema.String,
  stderr: Schema.String,
  exit: Schema.Int,
  sleepMs: Schema.optionalKey(Schema.Finite),
  signal: Schema.optionalKey(Schema.String),
  readStdin: Schema.optionalKey(Schema.Boolean)
})
export type Reply = typeof Reply.Type

const Texts = Schema.Record(Schema.String, Schema.String)

const Entry = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("file"), mode: Schema.String, text: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("dir") }),
  Schema.Struct({ kind: Schema.Literal("symlink"), target: Schema.String })
])

const Fixture = Schema.Struct({
  plugins: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Array(Reply))),
  netconf: Texts,
  cache: Texts,
  tree: Schema.optionalKey(Schema.Record(Schema.String, Entry))
})
export type Fixture = typeof Fixture.Type

const Failure = Schema.Struct({
  tag: Schema.String,
  code: Schema.optionalKey(Schema.Finite),
  msg: Schema.optionalKey(Schema.String),
  details: Schema.optionalKey(Schema.String),
  plugin: Schema.optionalKey(Schema.String),
  text: Schema.optionalKey(Schema.String),
  goSpecificText: Schema.optionalKey(Schema.Boolean)
})
/** One error, of what is wanted of it: a text that is missing is not compared. */
export type Failure = typeof Failure.Type

const Failures = Schema.Struct({
  errors: Schema.Array(Failure),
  text: Schema.optionalKey(Schema.String),
  goSpecificText: Schema.optionalKey(Schema.Boolean)
})
/** Several errors that one call reported. */
export type Failures = typeof Failures.Type

const Invocation = Schema.Struct({
  plugin: Schema.String,
  command: Schema.String,
  env: Texts,
  stdin: Schema.Unknown
})
export type Invocation = typeof Invocation.Type

const Outcome = Schema.Struct({
  value: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.Union([Failures, Failure])),
  invocations: Schema.optionalKey(Schema.Array(Invocation)),
  cache: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})
/** What came of a step, or is wanted of it. Without `error` it succeeded with `value`. */
export type Outcome = typeof Outcome.Type

/** A value that has the form of an outcome, as one. */
export const asOutcome: (value: unknown) => Outcome = Schema.decodeUnknownSync(Outcome)

const Step = Schema.Struct({
  call: Schema.String,
  args: Schema.Record(Schema.String, Schema.Unknown),
  want: Outcome
})
export type Step = typeof Step.Type

const Vector = Schema.Struct({ name: Schema.String, fixture: Fixture, steps: Schema.Array(Step) })
export type Vector = typeof Vector.Type

/** A file that should be a vector and is none. */
export interface Broken {
  readonly file: string
  readonly reason: string
}

const decode = Schema.decodeUnknownResult(Vector)

/** Every vector in a file or under a directory, ordered by path. JSON without steps is something else, and left out. */
export const readVectors = (place: string): ReadonlyArray<Result.Result<Vector, Broken>> =>
  filesIn(place).flatMap((file) => {
    const json = parseJson(Fs.readFileSync(file, "utf8"))
    if (isMembers(json) && !Object.hasOwn(json, "steps")) return []
    return [Result.mapError(decode(json), ({ message }) => ({ file, reason: message }))]
  })

const filesIn = (place: string): ReadonlyArray<string> =>
  Fs.statSync(place).isFile()
    ? [place]
    : Fs.readdirSync(place, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => Path.join(place, file))

/** How long a vector waits, in ms, for plugins that sleep. */
export const waiting = ({ fixture, steps }: Vector): number => {
  const limits = steps.map(({ args: { timeoutMs } }) => typeof timeoutMs === "number" ? timeoutMs : 0)
  const sleeps = Object.values(fixture.plugins).flatMap((replies) => Object.values(replies).flat())
    .map(({ sleepMs = 0 }) => sleepMs)
  const longest = Math.max(0, ...sleeps)
  return longest === 0 ? 0 : limits.reduce((sum, limit) => sum + (limit === 0 ? longest : Math.min(limit, longest)), 0)
}
