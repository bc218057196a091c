/** Everything that a runtime does with the Container Network Interface, verb by verb. */
export { abandon, type Abandoned, type AbandonRequirements } from "./abandon.ts"
export { addNetwork } from "./addNetwork.ts"
export { addNetworkList, type AddNetworkListError, type AddNetworkListRequirements } from "./addNetworkList.ts"
export { attach, type Attachment } from "./attach.ts"
export { checkNetwork } from "./checkNetwork.ts"
export { checkNetworkList, type CheckNetworkListError, type CheckNetworkListRequirements } from "./checkNetworkList.ts"
export { delAttachment, type DelAttachmentError } from "./delAttachment.ts"
export { delNetwork } from "./delNetwork.ts"
export { delNetworkList, type DelNetworkListError, type DelNetworkListRequirements } from "./delNetworkList.ts"
export { detach, type DetachError } from "./detach.ts"
export { gcNetworkList, type GcRequirements } from "./gcNetworkList.ts"
export { getCachedAttachments } from "./getCachedAttachments.ts"
export {
  type CachedConfig,
  type CachedConfigError,
  getNetworkCachedConfig,
  getNetworkListCachedConfig
} from "./getNetworkListCachedConfig.ts"
export {
  type CachedResultError,
  getNetworkCachedResult,
  getNetworkListCachedResult
} from "./getNetworkListCachedResult.ts"
export { getStatusNetworkList, type StatusError, type StatusRequirements } from "./getStatusNetworkList.ts"
export { getVersionInfo } from "./getVersionInfo.ts"
export { networkStatus, type PluginStatus } from "./networkStatus.ts"
export {
  type GcAttachment,
  type GcPlan,
  type KeepSet,
  planGc,
  type PlanGcError,
  type PlanGcRequirements,
  type Stale
} from "./planGc.ts"
export {
  delegateAdd,
  delegateCheck,
  delegateDel,
  type DelegateError,
  delegateGc,
  type DelegateRequirements,
  delegateStatus,
  type Delegation
} from "./pluginSide/delegate.ts"
export { type PluginHandlers, runPlugin } from "./pluginSide/runPlugin.ts"
export { type Found, recover, type Recovery } from "./recover.ts"
export { validateNetwork, validateNetworkList } from "./validateNetworkList.ts"
