/** The command with its subcommands: one line for each. */
import * as Command from "effect/cli/Command"
import { effectCni } from "./base.ts"
import { abandon } from "./commands/abandon.ts"
import { add } from "./commands/add.ts"
import { attachments } from "./commands/attachments.ts"
import { check } from "./commands/check.ts"
import { del } from "./commands/del.ts"
import { diagram } from "./commands/diagram.ts"
import { exec } from "./commands/exec.ts"
import { gc } from "./commands/gc.ts"
import { inspect } from "./commands/inspect.ts"
import { networks } from "./commands/networks.ts"
import { plugins } from "./commands/plugins.ts"
import { recover } from "./commands/recover.ts"
import { status } from "./commands/status.ts"
import { validate } from "./commands/validate.ts"

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
