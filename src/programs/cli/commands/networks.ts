/** `effect-cni networks`. */
import * as Command from "effect/cli/Command"
import { lazily } from "../internal/lazily.ts"

export const networks = Command.make("networks", {}, lazily(() => import("../handlers/networks.ts"))).pipe(
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
