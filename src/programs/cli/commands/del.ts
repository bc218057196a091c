/** `effect-cni del`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { netns } from "../internal/arguments.ts"
import { lazily } from "../internal/lazily.ts"

const network = Argument.String("NETWORK").pipe(
  Argument.withDescription("Name of a network, configured or not any more (else all networks of the container)"),
  Argument.optional
)

const all = Flag.Boolean("all").pipe(
  Flag.withDescription("Detach the container from all networks"),
  Flag.withDefault(false)
)

export const del = Command.make("del", { network, netns, all }, lazily(() => import("../handlers/del.ts"))).pipe(
  Command.withDescription(
    "Detach a network namespace from a network. To detach what is not attached is no error. Where the network is no longer " +
      "configured, what is stored of the attachment is used. Without a network, all that a container is attached to is " +
      "detached by what is stored, also where some of it fails (then the exit status is 1)."
  ),
  Command.withShortDescription("Detach a namespace from a network"),
  Command.withExamples([
    { command: "effect-cni del mynet /run/netns/blue", description: "Undo effect-cni add mynet /run/netns/blue" },
    {
      command: "effect-cni del mynet --container-id blue",
      description: "Detach a container whose namespace is gone"
    },
    { command: "effect-cni del --all --container-id blue", description: "Detach a container from all networks" }
  ])
)
