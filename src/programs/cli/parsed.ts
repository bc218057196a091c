/** Calls of any kind, read by effect/cli: help, completions and wrong calls among them. */
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandHost } from "../../services/command/CommandHost.ts"
import type { CommandOutput } from "../../services/command/CommandOutput.ts"
import type { CommandFailed } from "./internal/failure.ts"
import * as Presenter from "./presenter.ts"
import { tree } from "./tree.ts"

/** Everything that it has to say has been said when it ends; a failure has the exit status. */
export const parsed = (
  args: ReadonlyArray<string>,
  { version }: { readonly version: string }
): Effect.Effect<void, CliError.CliError | CommandFailed, CommandHost | CommandOutput> =>
  Effect.flatMap(
    CommandHost,
    ({ environment }) =>
      Command.runWith(tree, { version })(args[0] === "help" ? [...args.slice(1), "--help"] : args).pipe(
        Effect.provide(Layer.mergeAll(builtIns, Presenter.layer(args), environment))
      )
  )

const builtIns = CliConfig.layer({
  builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]
})
