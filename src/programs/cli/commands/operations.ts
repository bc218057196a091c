/** The commands that attach and detach: cnitool's add, check, del, gc and status, and exec. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { toggle } from "../flags.ts"
import { attachmentArg, described, handledBy, netns, network, noAttachment } from "./parts.ts"

const operations = () => import("../handlers/cnitool/addCheckGc.ts")

export const add = described(
  Command.make("add", { network, netns }, handledBy(operations, ({ add }) => add)),
  "Attach a namespace to a network",
  "Attach a network namespace to a network, and print the result. A failed add is undone.",
  ["effect-cni add mynet /run/netns/blue", "Attach the namespace blue as eth0"],
  [
    "effect-cni add mynet --netns /run/netns/blue --container-id blue -i net1",
    "The same with a container ID and an interface name of your own"
  ],
  [
    `CAP_ARGS='{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}' effect-cni add mynet /run/netns/blue`,
    "Forward a port of the host, where the network's plugins can"
  ]
)

export const check = described(
  Command.make("check", { network, netns }, handledBy(operations, ({ check }) => check)),
  "Check an attachment",
  "Ask the network's plugins whether an attachment is still as they made it.",
  ["effect-cni check mynet /run/netns/blue", "Prints nothing where all is well"]
)

const networkOrAll = Argument.String("NETWORK").pipe(
  Argument.withDescription("Name of a network, configured or not any more (else all networks of the container)"),
  Argument.optional
)

const allNetworks = toggle("all", "Detach the container from all networks")

export const del = described(
  Command.make(
    "del",
    { network: networkOrAll, netns, all: allNetworks },
    handledBy(() => import("../handlers/cnitool/del.ts"), ({ del }) => del)
  ),
  "Detach a namespace from a network",
  "Detach a network namespace from a network. To detach what is not attached is no error. Where the network is no longer " +
    "configured, what is stored of the attachment is used. Without a network, all that a container is attached to is " +
    "detached by what is stored, also where some of it fails (then the exit status is 1).",
  ["effect-cni del mynet /run/netns/blue", "Undo effect-cni add mynet /run/netns/blue"],
  ["effect-cni del mynet --container-id blue", "Detach a container whose namespace is gone"],
  ["effect-cni del --all --container-id blue", "Detach a container from all networks"]
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

export const gc = described(
  Command.make("gc", { network, netns: unusedNetns, ...gcFlags }, handledBy(operations, ({ gc }) => gc)),
  "Delete what is no longer in use",
  "Delete the attachments of a network that are no longer in use, and let its plugins clean up. Other than cnitool's, " +
    "it deletes nothing that it was not told to: say what to --keep, or --all.",
  ["effect-cni gc mynet --keep blue:eth0 --dry-run", "See what would go"],
  ["effect-cni gc mynet --keep blue:eth0 --keep red:eth0", "Delete all but two"],
  ["effect-cni gc mynet --all", "Delete all, as cnitool gc does"]
)

export const status = described(
  Command.make(
    "status",
    { network, netns: unusedNetns },
    handledBy(() => import("../handlers/cnitool/status.ts"), ({ status }) => status)
  ),
  "Ask whether a network is ready",
  "Ask the network's plugins whether they are ready for an add. Below cniVersion 1.1.0 none is asked.",
  ["effect-cni status mynet", "Prints nothing where it is ready"],
  ["effect-cni status mynet --json", "The answer as JSON"]
)

const command = Argument.String("COMMAND").pipe(
  Argument.withDescription("What to run, with its arguments; after --, so that its flags stay its own"),
  Argument.atLeast(1)
)

export const exec = described(
  Command.make("exec", { network, command }, handledBy(() => import("../handlers/exec.ts"), ({ exec }) => exec)),
  "Run a command in a new namespace on a network",
  "Make a network namespace, attach it to a network, run a command in it, and take all of it away again when the " +
    "command has ended. The exit status is the command's: 128 and the signal's number where a signal ended it, 127 " +
    "where there is no such program. Ctrl-C goes to the command. What it leaves running in the namespace is ended. " +
    "With --json, the command's own output is followed by a line feed and a line of JSON.",
  ["effect-cni exec mynet -- ip addr", "See what a container on mynet would get"],
  ["effect-cni exec mynet -- bash", "Look around on mynet; exit ends it"],
  ["effect-cni exec mynet --trace -- ping -c 1 10.1.0.1", "And see which plugins were run"]
)
