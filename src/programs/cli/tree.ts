/** The command with its subcommands: one line for each. */
import * as Command from "effect/cli/Command"
import { effectCni } from "./base.ts"
import { add } from "./commands/add.ts"
import { check } from "./commands/check.ts"
import { del } from "./commands/del.ts"
import { exec } from "./commands/exec.ts"
import { gc } from "./commands/gc.ts"
import { status } from "./commands/status.ts"

export const tree = effectCni.pipe(
  Command.withSubcommands([add, check, del, exec, gc, status])
)
