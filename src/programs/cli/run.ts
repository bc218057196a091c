/** Runs the command with arguments, over whatever machine the context is. */
import type * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import type { CommandHost } from "../../services/command/CommandHost.ts"
import type { CommandOutput } from "../../services/command/CommandOutput.ts"
import type { CommandFailed } from "./internal/failure.ts"
import { plain } from "./plain.ts"

/** What the command needs. */
export type Requirements = CommandHost | CommandOutput

/** Everything that it has to say has been said when it ends; a failure has the exit status. */
export const run = (
  args: ReadonlyArray<string>,
  options: { readonly version: string }
): Effect.Effect<void, CliError.CliError | CommandFailed, Requirements> =>
  plain(args) ?? Effect.flatMap(Effect.promise(() => import("./parsed.ts")), ({ parsed }) => parsed(args, options))
