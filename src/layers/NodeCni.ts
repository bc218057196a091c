/** `Cni` on this machine, and the services that it runs on: plugins as processes, records as files. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { delimiter } from "node:path"
import { Cni } from "../programs/Cni.ts"
import type { CniServices } from "../services/CniServices.ts"
import type { PluginExec } from "../services/plugin/PluginExec.ts"
import * as FileSystemAttachmentCache from "./cache/FileSystemAttachmentCache.ts"
import * as FileSystemNetworkConfigs from "./config/FileSystemNetworkConfigs.ts"
import * as CachedPluginVersions from "./discovery/CachedPluginVersions.ts"
import * as FileSystemPluginDiscovery from "./discovery/FileSystemPluginDiscovery.ts"
import * as SpecVersionComparison from "./discovery/SpecVersionComparison.ts"
import * as BoundedPluginExec from "./exec/BoundedPluginExec.ts"
import * as NodePluginExec from "./exec/NodePluginExec.ts"
import * as PosixSpawnPluginExec from "./exec/PosixSpawnPluginExec.ts"
import * as NodeAttachmentJournal from "./journal/NodeAttachmentJournal.ts"
import * as NodeAttachmentLock from "./lock/NodeAttachmentLock.ts"
import * as NodeNetworkNamespaces from "./namespace/NodeNetworkNamespaces.ts"
import * as NodeOrphanPlugins from "./process/NodeOrphanPlugins.ts"

/** What the bundle provides: `Cni`, and its services for a program that composes its own. */
export type Services = Cni | CniServices

/**
 * - `pluginPaths`: where plugins are looked for, in order.
 * - `cacheDir`: where records are kept, and in `effect-cni` below it the journal and the locks.
 * - `confDir`: where networks are configured; `/etc/cni/net.d` by default.
 * - `exec`: how plugins are run; `fastest` by default.
 */
export interface Options<E = never> {
  readonly pluginPaths: ReadonlyArray<string>
  readonly cacheDir: string
  readonly confDir?: string
  readonly exec?: Layer.Layer<PluginExec, E>
}

/** `PosixSpawnPluginExec` where koffi is installed and works, else `NodePluginExec`; the log says which (level Debug). */
export const fastest: Layer.Layer<PluginExec> = PosixSpawnPluginExec.layer.pipe(
  Layer.tap(() => Effect.logDebug("plugins are run by posix_spawn")),
  Layer.catchTag(
    "PosixSpawnUnavailable",
    ({ reason }) =>
      Layer.tap(
        NodePluginExec.layer,
        () => Effect.logDebug(`plugins are run by node:child_process; by posix_spawn they cannot be: ${reason}`)
      )
  )
)

/**
 * `Cni` on this machine, with its services. Build it once and name it: layers are shared by reference.
 *
 * @example
 * ```ts
 * import { NodeCni } from "effect-cni/node"
 *
 * const CniLive = NodeCni.layer({ pluginPaths: ["/opt/cni/bin"], cacheDir: "/var/lib/cni" })
 * ```
 */
export const layer = <E = never>(options: Options<E>): Layer.Layer<Services, E> =>
  Layer.provideMerge(Cni.layer, servicesOf(options))

const servicesOf = <E>(
  { cacheDir, confDir = defaultConfDir, exec, pluginPaths }: Options<E>
): Layer.Layer<CniServices, E> =>
  Layer.mergeAll(
    Layer.provideMerge(
      CachedPluginVersions.layer,
      Layer.mergeAll(
        Layer.provide(BoundedPluginExec.layer, exec ?? fastest),
        FileSystemPluginDiscovery.layer(pluginPaths)
      )
    ),
    NodeOrphanPlugins.layer,
    FileSystemAttachmentCache.layer(cacheDir),
    NodeAttachmentJournal.layer(cacheDir),
    NodeAttachmentLock.layer(cacheDir),
    NodeNetworkNamespaces.layer,
    FileSystemNetworkConfigs.layer(confDir),
    SpecVersionComparison.layer
  )

const defaultConfDir = "/etc/cni/net.d"

/**
 * `layer` with its directories from Config: `CNI_PATH` (a list like PATH; by default `/opt/cni/bin`, `/usr/lib/cni` and
 * `/usr/libexec/cni`, where releases, Debian and Fedora put the plugins), `CNI_CACHE_DIR` (by default `/var/lib/cni`) and
 * `NETCONFPATH` (by default `/etc/cni/net.d`). Fails with `ConfigError` when one of them is set to something unusable.
 */
export const layerConfig: Layer.Layer<Services, Config.ConfigError> = Layer.unwrap(
  Effect.gen(function*() {
    const searchPath = yield* Config.String("CNI_PATH").pipe(Config.withDefault(defaultSearchPath))
    const cacheDir = yield* Config.NonEmptyString("CNI_CACHE_DIR").pipe(Config.withDefault("/var/lib/cni"))
    const confDir = yield* Config.NonEmptyString("NETCONFPATH").pipe(Config.withDefault(defaultConfDir))
    return layer({ pluginPaths: searchPath.split(delimiter), cacheDir, confDir })
  })
)

const defaultSearchPath = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"].join(delimiter)
