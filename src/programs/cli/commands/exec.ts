/** The command exec. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { handledBy, network } from "./parts.ts"

const command = Argument.String("COMMAND").pipe(
  Argument.withDescription("What to run, with its arguments; after --, so that its flags stay its own"),
  Argument.atLeast(1)
)

export const exec = Command.make("exec", { network, command }, handledBy(() => import("../handlers/exec.ts"))).pipe(
  Command.withDescription(
    "Make a network namespace, attach it to a network, run a command in it, and take all of it away again when the " +
      "command has ended. The exit status is the command's: 128 and the signal's number where a signal ended it, 127 " +
      "where there is no such program. Ctrl-C goes to the command. What it leaves running in the namespace is ended. " +
      "With --json, the command's own output is followed by a line feed and a line of JSON."
  ),
  Command.withShortDescription("Run a command in a new namespace on a network"),
  Command.withExamples([
    { command: "effect-cni exec mynet -- ip addr", description: "See what a container on mynet would get" },
    { command: "effect-cni exec mynet -- bash", description: "Look around on mynet; exit ends it" },
    { command: "effect-cni exec mynet --trace -- ping -c 1 10.1.0.1", description: "And see which plugins were run" }
  ])
)
