/** What `--json` writes: one object a command, with its result or its error. */
import * as Schema from "effect/Schema"
import * as CniError from "../../../domain/errors/CniError.ts"
import { CommandError } from "../../../domain/errors/CommandError.ts"
import { isJson, isJsonObject, type JsonObject, stringify } from "../../../domain/json/Json.ts"
import { errorOf, type Failure, wordsOf } from "./failure.ts"

const json = Schema.Unknown.annotate({ description: "JSON; what it is depends on the command" })

/** With `--trace`: the runs of plugins, in the order of their starts; `stdin`, `stdout`, `stderr` with `--trace-io`. */
const trace = Schema.optionalKey(Schema.Array(Schema.Struct({
  plugin: Schema.String,
  command: CniError.Command,
  network: Schema.String,
  containerId: Schema.String,
  startMs: Schema.Finite,
  lengthMs: Schema.Finite,
  ok: Schema.Boolean,
  end: Schema.String,
  stdin: Schema.optionalKey(Schema.String),
  stdout: Schema.optionalKey(Schema.String),
  stderr: Schema.optionalKey(Schema.String)
})))

/** The command did what it was asked to. */
export const Succeeded = Schema.Struct({ ok: Schema.Literal(true), command: Schema.String, result: json, trace })

/** It did not. `_tag` is for programs; the members of that error stand beside the ones here. */
export const Failed = Schema.Struct({
  ok: Schema.Literal(false),
  command: Schema.String,
  trace,
  error: Schema.StructWithRest(
    Schema.Struct({
      _tag: Schema.String,
      message: Schema.String,
      help: Schema.Array(Schema.String),
      /** The words of libcni, which are also the last line on stderr without `--json`. */
      libcni: Schema.String
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )
})

/** Either; a line of JSON on stdout. */
export const Envelope = Schema.Union([Succeeded, Failed])

/** The envelope of an error, and what to do about it. */
export const failed = (command: string, failure: Failure, help: ReadonlyArray<string>): JsonObject => {
  const error = errorOf(failure)
  return {
    ok: false,
    command,
    error: { ...membersOf(error), _tag: error._tag, message: error.message, help, libcni: wordsOf(failure) }
  }
}

/** An envelope as it is written. */
export const lineOf = (envelope: JsonObject): string => `${stringify(envelope)}\n`

const AnyError = Schema.Union([CommandError, CniError.AnyError])

const encode = Schema.encodeSync(AnyError)

/** The members of an error, as JSON. */
export const membersOf = (error: typeof AnyError.Type): JsonObject => {
  const encoded: unknown = encode(error)
  return isJson(encoded) && isJsonObject(encoded) ? encoded : {}
}
