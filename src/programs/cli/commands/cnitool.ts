/** cnitool's commands: add, check, del, gc and status. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { toggle } from "../flags.ts"
import { attachmentArg, handledBy, netns, network, noAttachment } from "./parts.ts"

export const add = Command.make("add", { network, netns }, handledBy(() => import("../handlers/cnitool/add.ts"))).pipe(
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

export const check = Command.make("check", { network, netns }, handledBy(() => import("../handlers/cnitool/check.ts")))
  .pipe(
    Command.withDescription("Ask the network's plugins whether an attachment is still as they made it."),
    Command.withShortDescription("Check an attachment"),
    Command.withExamples([
      { command: "effect-cni check mynet /run/netns/blue", description: "Prints nothing where all is well" }
    ])
  )

const networkOrAll = Argument.String("NETWORK").pipe(
  Argument.withDescription("Name of a network, configured or not any more (else all networks of the container)"),
  Argument.optional
)

const allNetworks = toggle("all", "Detach the container from all networks")

export const del = Command.make(
  "del",
  { network: networkOrAll, netns, all: allNetworks },
  handledBy(() => import("../handlers/cnitool/del.ts"))
).pipe(
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

const unusedNetns = Argument.String("NETNS").pipe(
  Argument.withDescription("Taken as cnitool takes it, and not used"),
  Argument.optional
)

const gcFlags = {
  keep: Flag.String("keep").pipe(
    Flag.withMetavar("ID:IFNAME"),
    Flag.withDescription("An attachment that is in use; can be repeated"),
    Flag.filterMap(attachmentArg, noAttachment),
    Flag.atLeast(0)
  ),
  all: toggle("all", "Keep nothing: delete every attachment of the network"),
  dryRun: toggle("dry-run", "Say what would be deleted, and delete nothing")
}

export const gc = Command.make(
  "gc",
  { network, netns: unusedNetns, ...gcFlags },
  handledBy(() => import("../handlers/cnitool/gc.ts"))
).pipe(
  Command.withDescription(
    "Delete the attachments of a network that are no longer in use, and let its plugins clean up. Other than cnitool's, " +
      "it deletes nothing that it was not told to: say what to --keep, or --all."
  ),
  Command.withShortDescription("Delete what is no longer in use"),
  Command.withExamples([
    { command: "effect-cni gc mynet --keep blue:eth0 --dry-run", description: "See what would go" },
    { command: "effect-cni gc mynet --keep blue:eth0 --keep red:eth0", description: "Delete all but two" },
    { command: "effect-cni gc mynet --all", description: "Delete all, as cnitool gc does" }
  ])
)

export const status = Command.make(
  "status",
  { network, netns: unusedNetns },
  handledBy(() => import("../handlers/cnitool/status.ts"))
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
