/** `effect-cni plugins`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { lazily } from "../internal/lazily.ts"

const types = Argument.String("TYPE").pipe(
  Argument.withDescription("A plugin to show, and to ask whatever it is (else all that are installed)"),
  Argument.variadic()
)

export const plugins = Command.make("plugins", { types }, lazily(() => import("../handlers/plugins.ts"))).pipe(
  Command.withDescription(
    "Show the plugins that are installed, which versions they speak, and which are never used because a directory before " +
      "theirs has one of that name. To ask a plugin is to run it: that is done for those in a directory of CNI's (/opt/cni/bin), " +
      "for the reference plugins, for what networks use, and for what you name."
  ),
  Command.withShortDescription("Show the installed plugins"),
  Command.withExamples([
    {
      command: "effect-cni plugins --plugin-dir /opt/cni/bin",
      description: "What is there, and which versions it speaks"
    },
    { command: "effect-cni plugins bridge --json", description: "One plugin, for programs" }
  ])
)
