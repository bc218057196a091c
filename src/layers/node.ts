/** `effect-cni/node`: the services on Node, in one layer and one by one. */
export * as CachedPluginVersions from "./CachedPluginVersions.ts"
export * as FileSystemAttachmentCache from "./FileSystemAttachmentCache.ts"
export * as FileSystemNetworkConfigs from "./FileSystemNetworkConfigs.ts"
export * as FileSystemPluginDiscovery from "./FileSystemPluginDiscovery.ts"
export * as NodeCni from "./NodeCni.ts"
export * as NodePluginExec from "./NodePluginExec.ts"
export * as PodmanPluginExec from "./PodmanPluginExec.ts"
export * as SpecVersionComparison from "./SpecVersionComparison.ts"
