/** `effect-cni add`. */
import * as Command from "effect/cli/Command"
import { netns, network } from "../internal/arguments.ts"
import { lazily } from "../internal/lazily.ts"

export const add = Command.make("add", { network, netns }, lazily(() => import("../handlers/add.ts"))).pipe(
  Command.withDescription("Attach a network namespace to a network, and print the result. A failed add is undone."),
  Command.withShortDescription("Attach a namespace to a network"),
  Command.withExamples([
    { command: "effect-cni add mynet /run/netns/blue", description: "Attach the namespace blue as eth0" },
    {
      command: "effect-cni add mynet --netns /run/netns/blue --container-id blue -i net1",
      description: "The same with a container ID and an interface name of your own"
    },
    {
      command:
        `CAP_ARGS='{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}' effect-cni add mynet /run/netns/blue`,
      description: "Forward a port of the host, where the network's plugins can"
    }
  ])
)
