/** The commands that clean up: recover and abandon. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { attachmentArg, handledBy, network, noAttachment } from "./parts.ts"

export const recover = Command.make("recover", {}, handledBy(() => import("../handlers/repair/recover.ts"))).pipe(
  Command.withDescription(
    "Finish what runtimes have left that died: attachments that were half made or half deleted, and those that were to " +
      "end with their process; on all networks. Namespaces that a killed exec has left go too, with what runs in them. " +
      "What is attached, or worked at by others, is left alone. Exit status 1 where something could not be deleted."
  ),
  Command.withShortDescription("Clean up after runtimes that died"),
  Command.withExamples([
    { command: "effect-cni recover", description: "After a crash, or a kill -9" },
    {
      command: "effect-cni recover --plugin-dir /opt/cni/bin",
      description: "With the plugins that the attachments need"
    }
  ])
)

const attachment = Argument.String("ID:IFNAME").pipe(
  Argument.withDescription("The attachment: container ID and interface"),
  Argument.filterMap(attachmentArg, noAttachment)
)

const yes = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask; needed where there is no terminal to ask on"),
  Flag.withDefault(false)
)

export const abandon = Command.make(
  "abandon",
  { network, attachment, yes },
  handledBy(() => import("../handlers/repair/abandon.ts"))
).pipe(
  Command.withDescription(
    "Forget an attachment that can never be deleted, because its plugins are gone for good. No plugin is run: its " +
      "addresses, interfaces and rules stay, where they are still there. Try del and recover first. It " +
      "says what may be left, asks, and keeps a line about it in effect-cni/abandoned.log below the cache directory."
  ),
  Command.withShortDescription("Forget an attachment without deleting it"),
  Command.withExamples([
    { command: "effect-cni abandon mynet blue:eth0", description: "See what would be lost, and decide" },
    { command: "effect-cni abandon mynet blue:eth0 --yes", description: "From a script" }
  ])
)
