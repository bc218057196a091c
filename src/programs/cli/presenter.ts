/** How the command answers calls that it cannot understand, and requests for help. */
import * as CliOutput from "effect/cli/CliOutput"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { UsageError } from "../../domain/CommandError.ts"
import { CommandOutput } from "../../services/CommandOutput.ts"
import { advise } from "./internal/advice.ts"
import { failed, lineOf } from "./internal/envelope.ts"
import { wordsOf } from "./internal/failure.ts"
import { styleOf } from "./internal/style.ts"

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
            return yield* complain(output, event, args)
        }
      })
    })))

const complain = Effect.fnUntraced(function*(
  output: CommandOutput["Service"],
  { commandPath, errors, helpDoc }: CliOutput.Presenter.InvalidInvocation,
  args: ReadonlyArray<string>
) {
  const [first = "the arguments cannot be understood", ...others] = errors.map(({ message }) => message)
  const missing = errors.some(({ _tag }) => _tag === "MissingArgument")
  const error = new UsageError({
    problems: [first, ...others],
    usage: helpDoc.usage,
    ...(missing ? { libcni: `requires at least 2 arg(s), only received 0` } : {})
  })
  const help = advise(error, { userId: undefined, searched: [], elsewhere: [] })
  if (args.includes("--json")) return yield* output.write(lineOf(failed(commandPath.slice(1).join(" "), error, help)))
  const { bold, red } = styleOf(yield* output.stderr)
  const lines = [`${red(bold("error:"))} ${error.message}`, ...help.map((line) => `  ${line}`)]
  yield* output.complain(`${lines.join("\n")}\n\n${wordsOf(error)}\n`)
})
