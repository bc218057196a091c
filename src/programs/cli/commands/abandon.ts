/** `effect-cni abandon`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { network } from "../internal/arguments.ts"
import { parseKept } from "../internal/kept.ts"
import { lazily } from "../internal/lazily.ts"

const attachment = Argument.String("ID:IFNAME").pipe(
  Argument.withDescription("The attachment: container ID and interface"),
  Argument.filterMap(parseKept, (value) => `"${value}" is no attachment: write it like CONTAINER-ID:eth0`)
)

const yes = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask; needed where there is no terminal to ask on"),
  Flag.withDefault(false)
)

export const abandon = Command.make(
  "abandon",
  { network, attachment, yes },
  lazily(() => import("../handlers/abandon.ts"))
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
