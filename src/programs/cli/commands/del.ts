/** `effect-cni del`. */
import * as Command from "effect/cli/Command"
import { netns, network } from "../internal/arguments.ts"
import { lazily } from "../internal/lazily.ts"

export const del = Command.make("del", { network, netns }, lazily(() => import("../handlers/del.ts"))).pipe(
  Command.withDescription("Detach a network namespace from a network. To detach what is not attached is no error."),
  Command.withShortDescription("Detach a namespace from a network"),
  Command.withExamples([
    { command: "effect-cni del mynet /run/netns/blue", description: "Undo effect-cni add mynet /run/netns/blue" },
    {
      command: "effect-cni del mynet --container-id blue",
      description: "Detach a container whose namespace is gone"
    }
  ])
)
