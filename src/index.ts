/** `effect-cni`: what CNI is (domain), the verbs (`Cni`), and the services that they run on. */
export * as AttachmentKey from "./domain/attachment/AttachmentKey.ts"
export * as CacheEntry from "./domain/attachment/CacheEntry.ts"
export * as JournalEntry from "./domain/attachment/JournalEntry.ts"
export * as RuntimeConf from "./domain/attachment/RuntimeConf.ts"
export * as CniVersion from "./domain/config/CniVersion.ts"
export * as NetworkConfigList from "./domain/config/NetworkConfigList.ts"
export * as PluginConfig from "./domain/config/PluginConfig.ts"
export * as CniError from "./domain/errors/publicErrors.ts"
export * as VerbErrors from "./domain/errors/VerbErrors.ts"
export * as Json from "./domain/json/Json.ts"
export type { DecodeIssue } from "./domain/json/JsonCodec.ts"
export * as PluginCall from "./domain/plugin/PluginCall.ts"
export * as PluginInfo from "./domain/plugin/PluginInfo.ts"
export * as PluginReply from "./domain/plugin/PluginReply.ts"
export * as PluginRequest from "./domain/plugin/PluginRequest.ts"
export * as CniResult from "./domain/result/CniResult.ts"
export {
  type Abandoned,
  Attachment,
  type CachedConfig,
  Found,
  GcAttachment,
  GcPlan,
  type KeepSet,
  type PluginStatus,
  Recovery,
  Stale
} from "./domain/VerbOutcomes.ts"
export { Cni } from "./programs/Cni.ts"
export {
  delegateAdd,
  delegateCheck,
  delegateDel,
  type DelegateError,
  delegateGc,
  type DelegateRequirements,
  delegateStatus,
  type Delegation
} from "./programs/pluginSide/delegate.ts"
export { type PluginHandlers, runPlugin } from "./programs/pluginSide/runPlugin.ts"
export { AttachmentCache } from "./services/attachment/AttachmentCache.ts"
export { AttachmentJournal, type JournalListing } from "./services/attachment/AttachmentJournal.ts"
export { AttachmentLock, HeldLocks, type LockError, type LockMode } from "./services/attachment/AttachmentLock.ts"
export type { CniServices } from "./services/CniServices.ts"
export type { CniVerbs } from "./services/CniVerbs.ts"
export { type ConfiguredNetworks, type LoadError, NetworkConfigs } from "./services/network/NetworkConfigs.ts"
export { NetworkNamespaces } from "./services/network/NetworkNamespaces.ts"
export { OrphanPlugins } from "./services/plugin/OrphanPlugins.ts"
export { PluginDiscovery, type PluginDiscoveryError } from "./services/plugin/PluginDiscovery.ts"
export { type OnStart, PluginExec, type PluginExecError } from "./services/plugin/PluginExec.ts"
export { PluginStdio } from "./services/plugin/PluginStdio.ts"
export { PluginVersions, type PluginVersionsError } from "./services/plugin/PluginVersions.ts"
export { VersionComparison } from "./services/plugin/VersionComparison.ts"
export * as Tunables from "./services/Tunables.ts"
