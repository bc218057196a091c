/** What can be seen of a call: what scripts, plugins and other runtimes go by. */
import { Json } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Observed = Schema.Struct({
  status: Schema.Int,
  stdout: Schema.String,
  /** The last line on stderr. */
  words: Schema.String,
  /** What is attached afterwards, by file name. */
  records: Schema.Record(Schema.String, Schema.String),
  /** What plugins were told, in their order. */
  invocations: Schema.Array(Schema.String)
})

export type Observed = typeof Observed.Type

/** What was seen of a scenario: of cnitool, and of our command where that was something else. */
export const Recording = Schema.Struct({
  "cnitool": Schema.Array(Observed),
  "effect-cni": Schema.optionalKey(Schema.Array(Observed))
})

export type Recording = typeof Recording.Type

const aspects = ["status", "stdout", "words", "records", "invocations"] as const

/** Where two differ: `0 stdout` is what the first call wrote. */
export const differencesOf = (
  theirs: ReadonlyArray<Observed>,
  ours: ReadonlyArray<Observed>
): ReadonlyArray<string> =>
  theirs.flatMap((call, index) =>
    aspects.filter((aspect) => comparable(call)[aspect] !== comparable(ours[index] ?? nothing)[aspect])
      .map((aspect) => `${index} ${aspect}`)
  )

const nothing: Observed = { status: -1, stdout: "", words: "", records: {}, invocations: [] }

const comparable = (call: Observed): Record<typeof aspects[number], string> => ({
  status: `${call.status}`,
  stdout: call.stdout,
  words: call.words,
  records: JSON.stringify(call.records),
  invocations: call.invocations.map(withOrderedKeys).join("\n")
})

/** What a plugin reads is JSON, whose keys have no order. */
const withOrderedKeys = (invocation: string): string =>
  invocation.replace(/\{.*$/, (text) => Result.getOrElse(Result.map(Json.parse(text), Json.stringify), () => text))
