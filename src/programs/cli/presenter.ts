/** How the command answers calls that it cannot understand, and requests for help. */
import * as CliOutput from "effect/cli/CliOutput"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandOutput } from "../../services/command/CommandOutput.ts"

/**
 * Help that was asked for goes to stdout. A wrong call is answered on stderr, briefly, with what cnitool says of it as the
 * last line; with `--json` among the arguments, as JSON on stdout.
 */
export const layer = (args: ReadonlyArray<string>): Layer.Layer<never, never, CommandOutput> =>
  Layer.unwrap(Effect.map(CommandOutput, (output) =>
    CliOutput.layerPresenter({
      present: Effect.fnUntraced(function*(event) {
        const { hasColours: colors } = yield* output.stdout
        const formatter = CliOutput.defaultFormatter({ colors })
        switch (event._tag) {
          case "Version":
            return yield* output.write(`${formatter.formatVersion(event.name, event.version)}\n`)
          case "Help":
            return yield* event.reason === "Requested"
              ? output.write(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
              : output.complain(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
          case "InvalidInvocation":
            return yield* Effect.provideService((yield* complaint).complain(event, args), CommandOutput, output)
        }
      })
    })))

const complaint = Effect.promise(() => import("./internal/complaint.ts"))
