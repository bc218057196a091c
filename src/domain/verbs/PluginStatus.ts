/** What `networkStatus` gives for each plugin. */
import type { PluginError } from "../errors/CniError.ts"

/**
 * The state of one plugin: `Ready`; `NotReady` (it cannot attach anything, code 50); `Limited` (what is attached may have
 * no connectivity, code 51); `Unsupported` (the network's version or the plugin has no STATUS).
 */
export type PluginStatus =
  | { readonly _tag: "Ready"; readonly plugin: string }
  | { readonly _tag: "NotReady"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Limited"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Unsupported"; readonly plugin: string }
