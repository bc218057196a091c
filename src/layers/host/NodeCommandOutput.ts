/** This process's stdout and stderr. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tty from "node:tty"
import { codeOf } from "../../domain/errors/SystemError.ts"
import { CommandOutput, type Surface } from "../../services/command/CommandOutput.ts"

/** Colours on terminals only, and not with NO_COLOR or on TERM=dumb. */
export const layer: Layer.Layer<CommandOutput> = Layer.sync(CommandOutput, () =>
  CommandOutput.of({
    write: (text) =>
      Effect.flatMap(writing(process.stdout, text), (error) =>
        error === undefined || hasGone.has(codeOf(error))
          ? Effect.succeed(true)
          : Effect.as(writing(process.stderr, unwritten(error)), false)),
    complain: (text) => Effect.asVoid(writing(process.stderr, text)),
    stdout: Effect.sync(() => surfaceOf(1)),
    stderr: Effect.sync(() => surfaceOf(2))
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

// Node makes a stream when it is looked at, which a command that writes nothing need not wait for.
const surfaceOf = (descriptor: 1 | 2): Surface => {
  if (!Tty.isatty(descriptor)) return { isTerminal: false, hasColours: false, columns: undefined }
  const { NO_COLOR: noColour = "", TERM: terminal } = process.env
  const { columns } = descriptor === 1 ? process.stdout : process.stderr
  return { isTerminal: true, hasColours: noColour === "" && terminal !== "dumb", columns }
}
