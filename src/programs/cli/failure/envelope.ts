/** What `--json` writes: one object for a command, with its result or its error. */
import * as Schema from "effect/Schema"
import * as CniError from "../../../domain/errors/CniError.ts"
import { CommandError } from "../../../domain/errors/CommandError.ts"
import { isJson, isJsonObject, type JsonObject } from "../../../domain/json/Json.ts"
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
const Succeeded = Schema.Struct({ ok: Schema.Literal(true), command: Schema.String, result: json, trace })

/** The command failed. The members of the error stand beside the ones here. */
const Failed = Schema.Struct({
  ok: Schema.Literal(false),
  command: Schema.String,
  trace,
  error: Schema.StructWithRest(
    Schema.Struct({
      _tag: Schema.String,
      message: Schema.String,
      help: Schema.Array(Schema.String),
      /** libcni's words, which are the last line on stderr without `--json`. */
      libcni: Schema.String
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )
})

/** The line of JSON on stdout. */
export const Envelope = Schema.Union([Succeeded, Failed])

/** The envelope of a failure; `help` is what to do about it. */
export const failed = (command: string, failure: Failure, help: ReadonlyArray<string>): JsonObject => ({
  ok: false,
  command,
  error: { ...errorToJson(errorOf(failure)), help, libcni: wordsOf(failure) }
})

const AnyError = Schema.Union([CommandError, CniError.AnyError])

const encode = Schema.encodeSync(AnyError)

/** An error with its members, as JSON. */
export const errorToJson = (error: typeof AnyError.Type): JsonObject => {
  const encoded: unknown = encode(error)
  return { ...(isJson(encoded) && isJsonObject(encoded) ? encoded : {}), _tag: error._tag, message: error.message }
}
