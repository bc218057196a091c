/** Everything that a runtime does with the Container Network Interface, verb by verb. */
export { abandon, type Abandoned, type AbandonRequirements } from "./abandon.ts"
export {
  addNetwork,
  addNetworkList,
  type AddNetworkListError,
  type AddNetworkListRequirements
} from "./addNetworkList.ts"
export { attach, type Attachment } from "./attach.ts"
export {
  type CachedConfig,
  type CachedConfigError,
  type CachedResultError,
  getCachedAttachments,
  getNetworkCachedConfig,
  getNetworkCachedResult,
  getNetworkListCachedConfig,
  getNetworkListCachedResult
} from "./cached.ts"
export {
  checkNetwork,
  checkNetworkList,
  type CheckNetworkListError,
  type CheckNetworkListRequirements
} from "./checkNetworkList.ts"
export {
  delNetwork,
  delNetworkList,
  type DelNetworkListError,
  type DelNetworkListRequirements
} from "./delNetworkList.ts"
export { delAttachment, type DelAttachmentError, detach, type DetachError } from "./detach.ts"
export {
  type GcAttachment,
  gcNetworkList,
  type GcPlan,
  type GcRequirements,
  type KeepSet,
  planGc,
  type PlanGcError,
  type PlanGcRequirements,
  type Stale
} from "./gcNetworkList.ts"
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
export {
  getStatusNetworkList,
  networkStatus,
  type PluginStatus,
  type StatusError,
  type StatusRequirements
} from "./status.ts"
export { getVersionInfo, validateNetwork, validateNetworkList } from "./validateNetworkList.ts"
