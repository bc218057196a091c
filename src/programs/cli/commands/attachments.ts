/** The commands on attachments that there are: attachments, inspect and diagram look at them, recover and abandon clean up. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { toggle } from "../flags.ts"
import { attachmentArg, described, handledBy, network, noAttachment } from "./parts.ts"

const repairHandlers = () => import("../handlers/repair.ts")

const tree = toggle("tree", "As a tree: networks, their containers, these interfaces")

export const attachments = described(
  Command.make(
    "attachments",
    { tree },
    handledBy(() => import("../handlers/attachments/attachments.ts"), ({ attachments }) => attachments)
  ),
  "Show what is attached",
  "Show what is attached: where, since when and by whom; what was left half-way, what other runtimes have attached with " +
    "the same directory of records, and files there that cannot be read. A narrow terminal has no room for all columns: " +
    "--tree and --json have all. Changes nothing.",
  ["effect-cni attachments", "A table, cut to the terminal"],
  ["effect-cni attachments --tree", "Networks, their containers, these interfaces"],
  ["effect-cni attachments --json", "With all details, for programs"]
)

const id = Argument.String("ID").pipe(
  Argument.withDescription("A container ID, or the beginning of one, if it is that of a single container")
)

export const inspect = described(
  Command.make(
    "inspect",
    { id },
    handledBy(() => import("../handlers/attachments/inspect.ts"), ({ inspect }) => inspect)
  ),
  "Show all about a container's attachments",
  "Show all about a container's attachments: addresses, routes, interfaces, arguments, who made them and " +
    "when, and the configuration and the result as they are stored. Changes nothing.",
  ["effect-cni inspect blue", "The container of that ID"],
  ["effect-cni inspect cnitool-3f2a", "The one whose ID begins like that"],
  ["effect-cni inspect blue --json", "The same for programs"]
)

export const diagram = described(
  Command.make("diagram", {}, handledBy(() => import("../handlers/attachments/diagram.ts"), ({ diagram }) => diagram)),
  "Draw networks and attachments",
  "Draw the configured networks, the containers that are attached to them, and their addresses, as Mermaid text, which " +
    "GitHub and others draw. What is not in order has a dashed line. Changes nothing.",
  ["effect-cni diagram", "For a ```mermaid block in Markdown"]
)

export const recover = described(
  Command.make("recover", {}, handledBy(repairHandlers, ({ recover }) => recover)),
  "Clean up after runtimes that died",
  "Finish what runtimes have left that died: attachments that were half made or half deleted, and those that were to " +
    "end with their process; on all networks. Namespaces that a killed exec has left go too, with what runs in them. " +
    "What is attached, or worked at by others, is left alone. Exit status 1 where something could not be deleted.",
  ["effect-cni recover", "After a crash, or a kill -9"],
  ["effect-cni recover --plugin-dir /opt/cni/bin", "With the plugins that the attachments need"]
)

const attachment = Argument.String("ID:IFNAME").pipe(
  Argument.withDescription("The attachment: container ID and interface"),
  Argument.filterMap(attachmentArg, noAttachment)
)

const yes = toggle("yes", "Do not ask; needed where there is no terminal to ask on").pipe(Flag.withAlias("y"))

export const abandon = described(
  Command.make("abandon", { network, attachment, yes }, handledBy(repairHandlers, ({ abandon }) => abandon)),
  "Forget an attachment without deleting it",
  "Forget an attachment that can never be deleted, because its plugins are gone for good. No plugin is run: its " +
    "addresses, interfaces and rules stay, where they are still there. Try del and recover first. It " +
    "says what may be left, asks, and keeps a line about it in effect-cni/abandoned.log below the cache directory.",
  ["effect-cni abandon mynet blue:eth0", "See what would be lost, and decide"],
  ["effect-cni abandon mynet blue:eth0 --yes", "From a script"]
)
