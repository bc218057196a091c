/** Keeps what a command writes, for tests. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandOutput, type Surface } from "../../src/services/command/CommandOutput.ts"

/** What was written so far. */
export class Written extends Context.Service<Written, {
  readonly stdout: Effect.Effect<string>
  readonly stderr: Effect.Effect<string>
}>()("effect-cni/test/MemoryCommandOutput/Written") {}

const piped: Surface = { isTerminal: false, hasColours: false, columns: undefined }

/** Both streams are alike, by default pipes. */
export const layer = (surface: Surface = piped): Layer.Layer<CommandOutput | Written> =>
  Layer.effectContext(Effect.sync(() => {
    const written = { stdout: "", stderr: "" }
    const append = (stream: "stdout" | "stderr") => (text: string) =>
      Effect.sync(() => {
        written[stream] += text
      })
    const output = CommandOutput.of({
      write: (text) => Effect.as(append("stdout")(text), true),
      complain: append("stderr"),
      stdout: Effect.succeed(surface),
      stderr: Effect.succeed(surface)
    })
    return Context.make(CommandOutput, output).pipe(Context.add(Written, {
      stdout: Effect.sync(() => written.stdout),
      stderr: Effect.sync(() => written.stderr)
    }))
  }))
