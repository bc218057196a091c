/** `effect-cni/node`: the services on Node, in one layer and one by one. */
export * as FileSystemAttachmentCache from "./FileSystemAttachmentCache.ts"
export * as FileSystemPluginDiscovery from "./FileSystemPluginDiscovery.ts"
export * as NodeCni from "./NodeCni.ts"
export * as NodePluginExec from "./NodePluginExec.ts"
export * as SpecVersionComparison from "./SpecVersionComparison.ts"
