/** The command with its subcommands: one line for each. */
import * as Command from "effect/cli/Command"
import { abandon, attachments, diagram, inspect, recover } from "./commands/attachments.ts"
import { networks, plugins, validate } from "./commands/networks.ts"
import { add, check, del, exec, gc, status } from "./commands/operations.ts"
import { effectCni } from "./flags.ts"

export const tree = effectCni.pipe(
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
