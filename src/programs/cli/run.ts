/** Runs the command with some arguments, on the machine that the context describes. */
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandHost } from "../../services/command/CommandHost.ts"
import { CommandOutput } from "../../services/command/CommandOutput.ts"
import { abandon, attachments, diagram, inspect, recover } from "./commands/attachments.ts"
import { networks, plugins, validate } from "./commands/networks.ts"
import { add, check, del, exec, gc, status } from "./commands/operations.ts"
import type { CommandFailed } from "./failure/failure.ts"
import { effectCni } from "./flags.ts"

/** When it ends, everything has been written; a failure has the exit status. */
export const run = (
  args: ReadonlyArray<string>,
  { version }: { readonly version: string }
): Effect.Effect<void, CliError.CliError | CommandFailed, CommandHost | CommandOutput> =>
  Effect.flatMap(
    CommandHost,
    ({ environment }) =>
      Command.runWith(tree, { version })(args[0] === "help" ? [...args.slice(1), "--help"] : args).pipe(
        Effect.provide(Layer.mergeAll(builtIns, presenter(args), environment))
      )
  )

const builtIns = CliConfig.layer({
  builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]
})

/** Help that was asked for goes to stdout; a call that cannot be understood is answered on stderr, or as JSON on stdout. */
const presenter = (args: ReadonlyArray<string>): Layer.Layer<never, never, CommandOutput> =>
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
          case "InvalidInvocation": {
            const { answerInvalidCall } = yield* Effect.promise(() => import("./failure/invalidCall.ts"))
            return yield* Effect.provideService(answerInvalidCall(event, args), CommandOutput, output)
          }
        }
      })
    })))

/** The command with its subcommands, a line for each. */
const tree = effectCni.pipe(
  Command.withSubcommands([
    abandon,
    add,
    attachments,
    check,
    del,
    diagram,
    exec,
    gc,
    inspect,
    networks,
    plugins,
    recover,
    status,
    validate
  ])
)
