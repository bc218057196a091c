/** Everything that the operations of a runtime need, in one type: what the bundles provide. */
import type { AttachmentCache } from "./AttachmentCache.ts"
import type { AttachmentJournal } from "./AttachmentJournal.ts"
import type { AttachmentLock } from "./AttachmentLock.ts"
import type { LeftoverPlugins } from "./LeftoverPlugins.ts"
import type { NetworkConfigs } from "./NetworkConfigs.ts"
import type { NetworkNamespaces } from "./NetworkNamespaces.ts"
import type { PluginDiscovery } from "./PluginDiscovery.ts"
import type { PluginExec } from "./PluginExec.ts"
import type { PluginVersions } from "./PluginVersions.ts"
import type { VersionComparison } from "./VersionComparison.ts"

/** The services of the operations. */
export type CniServices =
  | PluginExec
  | PluginDiscovery
  | PluginVersions
  | LeftoverPlugins
  | AttachmentCache
  | AttachmentJournal
  | AttachmentLock
  | NetworkNamespaces
  | NetworkConfigs
  | VersionComparison
