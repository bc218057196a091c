/** `effect-cni validate`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "../internal/lazily.ts"

const files = Argument.Path("FILE", { pathType: "either" }).pipe(
  Argument.withDescription("A configuration to read, with the drop-ins beside it (else all that are configured)"),
  Argument.variadic()
)

const filesOnly = Flag.Boolean("files-only").pipe(
  Flag.withDescription("Look at the files alone: for machines that do not have the plugins"),
  Flag.withDefault(false)
)

export const validate = Command.make(
  "validate",
  { files, filesOnly },
  lazily(() => import("../handlers/validate.ts"))
).pipe(
  Command.withDescription(
    "Say what is wrong with configurations, and where: what cannot be read, plugins that are missing, and plugins that do " +
      "not speak the network's version. Exit status 1 where there is an error; warnings are none. With --json, " +
      "\"valid\" says the same. Nothing is attached or changed."
  ),
  Command.withShortDescription("Find what is wrong with configurations"),
  Command.withExamples([
    { command: "effect-cni validate", description: "All that is in /etc/cni/net.d" },
    { command: "effect-cni validate 10-mynet.conflist", description: "A file before it is deployed" },
    { command: "effect-cni validate --files-only net.d/*.conflist", description: "In CI, where there are no plugins" }
  ])
)
