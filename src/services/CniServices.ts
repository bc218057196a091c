/** Everything that the operations of a runtime need, in one type: what the bundles provide. */
import type { AttachmentCache } from "./attachment/AttachmentCache.ts"
import type { AttachmentJournal } from "./attachment/AttachmentJournal.ts"
import type { AttachmentLock } from "./attachment/AttachmentLock.ts"
import type { NetworkConfigs } from "./network/NetworkConfigs.ts"
import type { NetworkNamespaces } from "./network/NetworkNamespaces.ts"
import type { OrphanPlugins } from "./plugin/OrphanPlugins.ts"
import type { PluginDiscovery } from "./plugin/PluginDiscovery.ts"
import type { PluginExec } from "./plugin/PluginExec.ts"
import type { PluginVersions } from "./plugin/PluginVersions.ts"
import type { VersionComparison } from "./plugin/VersionComparison.ts"

/** The services of the operations. */
export type CniServices =
  | PluginExec
  | PluginDiscovery
  | PluginVersions
  | OrphanPlugins
  | AttachmentCache
  | AttachmentJournal
  | AttachmentLock
  | NetworkNamespaces
  | NetworkConfigs
  | VersionComparison
