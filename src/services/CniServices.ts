/** Everything that the operations of a runtime need, in one type: what the bundles provide. */
import type { AttachmentCache } from "./AttachmentCache.ts"
import type { NetworkConfigs } from "./NetworkConfigs.ts"
import type { PluginDiscovery } from "./PluginDiscovery.ts"
import type { PluginExec } from "./PluginExec.ts"
import type { PluginVersions } from "./PluginVersions.ts"
import type { VersionComparison } from "./VersionComparison.ts"

/** The services of the operations. */
export type CniServices =
  | PluginExec
  | PluginDiscovery
  | PluginVersions
  | AttachmentCache
  | NetworkConfigs
  | VersionComparison
