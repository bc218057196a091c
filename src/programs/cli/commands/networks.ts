/** The commands that look at what is configured and installed: networks, plugins and validate. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { toggle } from "../flags.ts"
import { described, handledBy } from "./parts.ts"

const networkHandlers = () => import("../handlers/networks/networks.ts")

export const networks = described(
  Command.make("networks", {}, handledBy(networkHandlers, ({ networks }) => networks)),
  "Show the configured networks",
  "Show the networks that are configured: their files, their version and why it is that one, their plugins, found or " +
    "missing, and the files that are broken. Plugins are asked which versions they speak; nothing is attached or changed.",
  ["effect-cni networks", "Those of /etc/cni/net.d, with plugins from CNI_PATH"],
  ["effect-cni networks --conf-dir . --plugin-dir /opt/cni/bin", "Those of this directory"],
  ["effect-cni networks --json", "The same for programs"]
)

const types = Argument.String("TYPE").pipe(
  Argument.withDescription("A plugin to show, and to ask in any case (else all that are installed)"),
  Argument.variadic()
)

export const plugins = described(
  Command.make(
    "plugins",
    { types },
    handledBy(() => import("../handlers/networks/plugins.ts"), ({ plugins }) => plugins)
  ),
  "Show the installed plugins",
  "Show the plugins that are installed, which versions they speak, and which are never used because a directory before " +
    "theirs has one of that name. To ask a plugin is to run it: that is done for those in a directory of CNI's (/opt/cni/bin), " +
    "for the reference plugins, for what networks use, and for what you name.",
  ["effect-cni plugins --plugin-dir /opt/cni/bin", "What is there, and which versions it speaks"],
  ["effect-cni plugins bridge --json", "One plugin, for programs"]
)

const files = Argument.Path("FILE", { pathType: "either" }).pipe(
  Argument.withDescription("A configuration to read, with the drop-ins beside it (else all that are configured)"),
  Argument.variadic()
)

const filesOnly = toggle("files-only", "Look at the files alone: for machines that do not have the plugins")

export const validate = described(
  Command.make("validate", { files, filesOnly }, handledBy(networkHandlers, ({ validate }) => validate)),
  "Find what is wrong with configurations",
  "Say what is wrong with configurations, and where: what cannot be read, plugins that are missing, and plugins that do " +
    "not speak the network's version. Exit status 1 where there is an error; warnings are none. With --json, " +
    "\"valid\" says the same. Nothing is attached or changed.",
  ["effect-cni validate", "All that is in /etc/cni/net.d"],
  ["effect-cni validate 10-mynet.conflist", "A file before it is deployed"],
  ["effect-cni validate --files-only net.d/*.conflist", "In CI, where there are no plugins"]
)
