/** Everything that a plugin written on Node needs: its own stdin and stdout, and the plugins that it delegates to. */
import * as Layer from "effect/Layer"
import { delimiter } from "node:path"
import type { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import type { PluginExec } from "../../services/plugin/PluginExec.ts"
import type { PluginStdio } from "../../services/plugin/PluginStdio.ts"
import * as FileSystemPluginDiscovery from "../discovery/FileSystemPluginDiscovery.ts"
import * as NodePluginExec from "../exec/NodePluginExec.ts"
import * as NodePluginStdio from "./NodePluginStdio.ts"

/** Delegates are looked for in CNI_PATH, which the runtime sets. */
export const layer: Layer.Layer<PluginStdio | PluginExec | PluginDiscovery> = Layer.mergeAll(
  NodePluginStdio.layer,
  NodePluginExec.layer,
  FileSystemPluginDiscovery.layer((process.env["CNI_PATH"] ?? "").split(delimiter))
)
