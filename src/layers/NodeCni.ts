/** Everything that the operations need, for real: plugins as processes of this machine, records as files. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { delimiter } from "node:path"
import type { AttachmentCache } from "../services/AttachmentCache.ts"
import type { PluginDiscovery } from "../services/PluginDiscovery.ts"
import type { PluginExec } from "../services/PluginExec.ts"
import type { VersionComparison } from "../services/VersionComparison.ts"
import * as FileSystemAttachmentCache from "./FileSystemAttachmentCache.ts"
import * as FileSystemPluginDiscovery from "./FileSystemPluginDiscovery.ts"
import * as NodePluginExec from "./NodePluginExec.ts"
import * as SpecVersionComparison from "./SpecVersionComparison.ts"

/** The services of the operations. */
export type Services = PluginExec | PluginDiscovery | AttachmentCache | VersionComparison

/** `pluginPaths`: where plugins are looked for, in order. `cacheDir`: where records are kept. */
export interface Options {
  readonly pluginPaths: ReadonlyArray<string>
  readonly cacheDir: string
}

/**
 * The real services. Build it once and name it: layers are shared by reference.
 *
 * @example
 * ```ts
 * import { NodeCni } from "effect-cni/node"
 *
 * const CniLive = NodeCni.layer({ pluginPaths: ["/opt/cni/bin"], cacheDir: "/var/lib/cni" })
 * ```
 */
export const layer = ({ cacheDir, pluginPaths }: Options): Layer.Layer<Services> =>
  Layer.mergeAll(
    NodePluginExec.layer,
    FileSystemPluginDiscovery.layer(pluginPaths),
    FileSystemAttachmentCache.layer(cacheDir),
    SpecVersionComparison.layer
  ).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

/**
 * The real services with their directories from Config: `CNI_PATH` (a list, as PATH is one; default `/opt/cni/bin`) and
 * `CNI_CACHE_DIR` (default `/var/lib/cni`). Fails with `ConfigError` when one of them is set to something unusable.
 */
export const layerConfig: Layer.Layer<Services, Config.ConfigError> = Layer.unwrap(
  Effect.gen(function*() {
    const searchPath = yield* Config.String("CNI_PATH").pipe(Config.withDefault("/opt/cni/bin"))
    const cacheDir = yield* Config.NonEmptyString("CNI_CACHE_DIR").pipe(Config.withDefault("/var/lib/cni"))
    return layer({ pluginPaths: searchPath.split(delimiter), cacheDir })
  })
)
