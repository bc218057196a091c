/** `effect-cni inspect`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { lazily } from "../internal/lazily.ts"

const id = Argument.String("ID").pipe(
  Argument.withDescription("A container ID, or the beginning of one, if it is that of a single container")
)

export const inspect = Command.make("inspect", { id }, lazily(() => import("../handlers/inspect.ts"))).pipe(
  Command.withDescription(
    "Show all that is known about a container's attachments: addresses, routes, interfaces, arguments, who made them and " +
      "when, and the configuration and the result as they are stored. Changes nothing."
  ),
  Command.withShortDescription("Show all about a container's attachments"),
  Command.withExamples([
    { command: "effect-cni inspect blue", description: "The container of that ID" },
    { command: "effect-cni inspect cnitool-3f2a", description: "The one whose ID begins like that" },
    { command: "effect-cni inspect blue --json", description: "The same for programs" }
  ])
)
