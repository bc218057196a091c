/** `effect-cni status`. */
import * as Command from "effect/cli/Command"
import { network, unusedNetns } from "../internal/arguments.ts"
import { lazily } from "../internal/lazily.ts"

export const status = Command.make(
  "status",
  { network, netns: unusedNetns },
  lazily(() => import("../handlers/status.ts"))
).pipe(
  Command.withDescription(
    "Ask the network's plugins whether they are ready for an add. Below cniVersion 1.1.0 none is asked."
  ),
  Command.withShortDescription("Ask whether a network is ready"),
  Command.withExamples([
    { command: "effect-cni status mynet", description: "Prints nothing where it is ready" },
    { command: "effect-cni status mynet --json", description: "The answer as JSON" }
  ])
)
