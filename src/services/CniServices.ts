/** Everything that the operations of a runtime need, in one type: what the bundles provide. */
import { AttachmentCache } from "./attachment/AttachmentCache.ts"
import { AttachmentJournal } from "./attachment/AttachmentJournal.ts"
import { AttachmentLock } from "./attachment/AttachmentLock.ts"
import { NetworkConfigs } from "./network/NetworkConfigs.ts"
import { NetworkNamespaces } from "./network/NetworkNamespaces.ts"
import { OrphanPlugins } from "./plugin/OrphanPlugins.ts"
import { PluginDiscovery } from "./plugin/PluginDiscovery.ts"
import { PluginExec } from "./plugin/PluginExec.ts"
import { PluginVersions } from "./plugin/PluginVersions.ts"
import { VersionComparison } from "./plugin/VersionComparison.ts"

/** The services of the operations, by their tags. */
export const serviceTags = [
  AttachmentCache,
  AttachmentJournal,
  AttachmentLock,
  OrphanPlugins,
  NetworkConfigs,
  NetworkNamespaces,
  PluginDiscovery,
  PluginExec,
  PluginVersions,
  VersionComparison
] as const

/** The services of the operations. */
export type CniServices = (typeof serviceTags)[number]["Identifier"]
