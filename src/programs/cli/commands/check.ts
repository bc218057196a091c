/** `effect-cni check`. */
import * as Command from "effect/cli/Command"
import { netns, network } from "../internal/arguments.ts"
import { lazily } from "../internal/lazily.ts"

export const check = Command.make("check", { network, netns }, lazily(() => import("../handlers/check.ts"))).pipe(
  Command.withDescription("Ask the network's plugins whether an attachment is still as they made it."),
  Command.withShortDescription("Check an attachment"),
  Command.withExamples([
    { command: "effect-cni check mynet /run/netns/blue", description: "Prints nothing where all is well" }
  ])
)
