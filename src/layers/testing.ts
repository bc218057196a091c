/** `effect-cni/testing`: the services in memory, to test programs without processes, files and root. */
export { PluginInvocations } from "../services/PluginInvocations.ts"
export * as MemoryAttachmentCache from "./MemoryAttachmentCache.ts"
export * as MemoryCni from "./MemoryCni.ts"
export * as MemoryNetworkConfigs from "./MemoryNetworkConfigs.ts"
export * as MemoryPluginDiscovery from "./MemoryPluginDiscovery.ts"
export * as MemoryPluginStdio from "./MemoryPluginStdio.ts"
export * as ScriptedPluginExec from "./ScriptedPluginExec.ts"
