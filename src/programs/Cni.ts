/** Everything that a runtime does with the Container Network Interface, verb by verb. */
export { addNetwork } from "./addNetwork.ts"
export { addNetworkList, type AddNetworkListError, type AddNetworkListRequirements } from "./addNetworkList.ts"
export { attach, type Attachment } from "./attach.ts"
export { checkNetwork } from "./checkNetwork.ts"
export { checkNetworkList, type CheckNetworkListError, type CheckNetworkListRequirements } from "./checkNetworkList.ts"
export { delNetwork } from "./delNetwork.ts"
export { delNetworkList, type DelNetworkListError, type DelNetworkListRequirements } from "./delNetworkList.ts"
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
