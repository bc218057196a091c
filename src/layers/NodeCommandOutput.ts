/** This process's stdout and stderr. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandOutput, type Surface } from "../services/CommandOutput.ts"
import { codeOf } from "./internal/ioError.ts"

/** Colours on terminals only, and not with NO_COLOR or on TERM=dumb. */
export const layer: Layer.Layer<CommandOutput> = Layer.sync(CommandOutput, () =>
  CommandOutput.of({
    write: (text) =>
      Effect.flatMap(writing(process.stdout, text), (error) =>
        error === undefined || hasGone.has(codeOf(error))
          ? Effect.succeed(true)
          : Effect.as(writing(process.stderr, unwritten(error)), false)),
    complain: (text) => Effect.asVoid(writing(process.stderr, text)),
    stdout: Effect.sync(() => surfaceOf(process.stdout)),
    stderr: Effect.sync(() => surfaceOf(process.stderr))
  }))

const writing = (stream: NodeJS.WriteStream, text: string): Effect.Effect<Error | undefined> =>
  Effect.callback((resume) => {
    const failed = (error: Error) => resume(Effect.succeed(error))
    stream.once("error", failed)
    stream.write(text, (error) => {
      stream.off("error", failed)
      resume(Effect.succeed(error ?? undefined))
    })
  })

const hasGone = new Set(["EPIPE", "EBADF"])

const unwritten = (error: Error): string =>
  `error: the result could not be written to stdout, but what was asked for is done: ${error.message}\n`

const surfaceOf = (stream: NodeJS.WriteStream): Surface => ({
  isTerminal: stream.isTTY,
  hasColours: stream.isTTY && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb",
  columns: stream.isTTY ? stream.columns : undefined
})
