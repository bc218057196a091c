/** How a command fails: with an error of the library or of its own, which is then reported and becomes an exit status. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import type { AnyError } from "../../../domain/errors/CniError.ts"
import { CommandError } from "../../../domain/errors/CommandError.ts"
import { format, type FormatOptions } from "../../../domain/errors/ErrorText.ts"

/** An error of the library, or of the command. */
export type ReportableError = AnyError | CommandError

/** What a command may fail with before it is reported. */
export type Failure = ReportableError | InLibcniWords

/** An error with libcni's words for it, where these depend on the operation. */
export class InLibcniWords extends Data.TaggedError("InLibcniWords")<{
  readonly error: AnyError
  readonly words: string
}> {}

/** The failure has been reported: there is nothing more to say. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{ readonly exitCode: number }> {
  override readonly [Runtime.errorExitCode] = this.exitCode
  override readonly [Runtime.errorReported] = false
}

/** Gives the errors of an operation on a network libcni's words for them. */
export const inLibcniWords = (operation: NonNullable<FormatOptions["operation"]>, network: NetworkConfigList) => {
  const [plugin] = network.plugins
  const name = plugin?.json["name"]
  const first = plugin && { plugin: { type: plugin.type, name: typeof name === "string" ? name : "" } }
  return Effect.mapError((error: AnyError) =>
    new InLibcniWords({ error, words: format(error, { dialect: "libcni", operation, ...first }) })
  )
}

/** The error itself. */
export const errorOf = (failure: Failure): ReportableError => failure._tag === "InLibcniWords" ? failure.error : failure

/** The errors that an error consists of, and the error itself where it says more than they do. */
export const partsOf = (error: ReportableError): ReadonlyArray<ReportableError> => {
  switch (error._tag) {
    case "NetworkInvalid":
      return error.failures
    case "DetachIncomplete":
    case "AttachmentExists":
      return [...error.failures, error]
    case "RollbackFailed":
      return [...(error.cause === undefined ? [] : [error.cause]), ...error.failures, error]
    case "GcIncomplete":
      return error.failures.map((failure) => failure.error)
    default:
      return [error]
  }
}

/** The exit status of a failure: a shell's where there is no such program to run, else 1. */
export const statusOf = (failure: Failure): number =>
  failure._tag !== "ProgramUnusable" ? 1 : failure.reason === "NotFound" ? 127 : 126

/** The last line on stderr: libcni's words, or ours where it has none. */
export const wordsOf = (failure: Failure): string => {
  if (failure._tag === "InLibcniWords") return failure.words
  if (failure._tag === "UsageError" && failure.libcni !== undefined) return failure.libcni
  if (failure._tag === "InvalidVariable") return failure.reason
  return isCommandError(failure) ? failure.message : format(failure, { dialect: "libcni" })
}

const isCommandError = Schema.is(CommandError)
