/** The command with its subcommands: one line for each. */
import * as Command from "effect/cli/Command"
import { attachments, diagram, inspect } from "./commands/attachments.ts"
import { add, check, del, gc, status } from "./commands/cnitool.ts"
import { exec } from "./commands/exec.ts"
import { networks, plugins, validate } from "./commands/networks.ts"
import { abandon, recover } from "./commands/repair.ts"
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
