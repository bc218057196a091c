/** `effect-cni gc`. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { network, unusedNetns } from "../internal/arguments.ts"
import { parseKept } from "../internal/kept.ts"
import { lazily } from "../internal/lazily.ts"

const flags = {
  keep: Flag.String("keep").pipe(
    Flag.withMetavar("ID:IFNAME"),
    Flag.withDescription("An attachment that is in use; can be repeated"),
    Flag.filterMap(parseKept, (value) => `"${value}" is no attachment: write it like CONTAINER-ID:eth0`),
    Flag.atLeast(0)
  ),
  all: Flag.Boolean("all").pipe(
    Flag.withDescription("Keep nothing: delete every attachment of the network"),
    Flag.withDefault(false)
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Say what would be deleted, and delete nothing"),
    Flag.withDefault(false)
  )
}

export const gc = Command.make(
  "gc",
  { network, netns: unusedNetns, ...flags },
  lazily(() => import("../handlers/gc.ts"))
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
