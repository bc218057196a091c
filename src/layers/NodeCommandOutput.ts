/** This process's stdout and stderr. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandOutput, type Surface } from "../services/CommandOutput.ts"

/** Colours on terminals only, and not with NO_COLOR or on TERM=dumb. */
export const layer: Layer.Layer<CommandOutput> = Layer.sync(CommandOutput, () =>
  CommandOutput.of({
    write: (text) => writing(process.stdout, text),
    complain: (text) => writing(process.stderr, text),
    stdout: Effect.sync(() => surfaceOf(process.stdout)),
    stderr: Effect.sync(() => surfaceOf(process.stderr))
  }))

// Whoever reads has gone away: there is nobody to tell.
const writing = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const done = () => resume(Effect.void)
    stream.once("error", done)
    stream.write(text, () => {
      stream.off("error", done)
      done()
    })
  })

const surfaceOf = (stream: NodeJS.WriteStream): Surface => ({
  isTerminal: stream.isTTY,
  hasColours: stream.isTTY && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb",
  columns: stream.isTTY ? stream.columns : undefined
})
