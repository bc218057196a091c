/** The commands that look at what is configured and installed: networks, plugins and validate. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { toggle } from "../flags.ts"
import { handledBy } from "./parts.ts"

export const networks = Command.make("networks", {}, handledBy(() => import("../handlers/networks/networks.ts"))).pipe(
  Command.withDescription(
    "Show the networks that are configured: their files, their version and why it is that one, their plugins, found or " +
      "missing, and the files that are broken. Plugins are asked which versions they speak; nothing is attached or changed."
  ),
  Command.withShortDescription("Show the configured networks"),
  Command.withExamples([
    { command: "effect-cni networks", description: "Those of /etc/cni/net.d, with plugins from CNI_PATH" },
    { command: "effect-cni networks --conf-dir . --plugin-dir /opt/cni/bin", description: "Those of this directory" },
    { command: "effect-cni networks --json", description: "The same for programs" }
  ])
)

const types = Argument.String("TYPE").pipe(
  Argument.withDescription("A plugin to show, and to ask in any case (else all that are installed)"),
  Argument.variadic()
)

export const plugins = Command.make("plugins", { types }, handledBy(() => import("../handlers/networks/plugins.ts")))
  .pipe(
    Command.withDescription(
      "Show the plugins that are installed, which versions they speak, and which are never used because a directory before " +
        "theirs has one of that name. To ask a plugin is to run it: that is done for those in a directory of CNI's (/opt/cni/bin), " +
        "for the reference plugins, for what networks use, and for what you name."
    ),
    Command.withShortDescription("Show the installed plugins"),
    Command.withExamples([
      {
        command: "effect-cni plugins --plugin-dir /opt/cni/bin",
        description: "What is there, and which versions it speaks"
      },
      { command: "effect-cni plugins bridge --json", description: "One plugin, for programs" }
    ])
  )

const files = Argument.Path("FILE", { pathType: "either" }).pipe(
  Argument.withDescription("A configuration to read, with the drop-ins beside it (else all that are configured)"),
  Argument.variadic()
)

const filesOnly = toggle("files-only", "Look at the files alone: for machines that do not have the plugins")

export const validate = Command.make(
  "validate",
  { files, filesOnly },
  handledBy(() => import("../handlers/networks/validate.ts"))
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
