/** `Cni` in memory, and the services that it runs on: for tests of programs that attach containers. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Cni } from "../programs/Cni.ts"
import type { CniServices } from "../services/CniServices.ts"
import { PluginInvocations } from "../services/plugin/PluginInvocations.ts"
import * as CachedPluginVersions from "./discovery/CachedPluginVersions.ts"
import * as SpecVersionComparison from "./discovery/SpecVersionComparison.ts"
import * as BoundedPluginExec from "./exec/BoundedPluginExec.ts"
import * as MemoryAttachmentCache from "./memory/MemoryAttachmentCache.ts"
import * as MemoryAttachmentJournal from "./memory/MemoryAttachmentJournal.ts"
import * as MemoryAttachmentLock from "./memory/MemoryAttachmentLock.ts"
import * as MemoryNetworkConfigs from "./memory/MemoryNetworkConfigs.ts"
import * as MemoryNetworkNamespaces from "./memory/MemoryNetworkNamespaces.ts"
import * as MemoryPluginDiscovery from "./memory/MemoryPluginDiscovery.ts"
import * as ScriptedPluginExec from "./memory/ScriptedPluginExec.ts"

export {
  type Answer,
  type Answering,
  fail,
  hang,
  passThrough,
  type PluginScript,
  Reply
} from "./memory/ScriptedPluginExec.ts"

/** What the bundle provides: `Cni`, and its services for a program that composes its own. */
export type Services = Cni | CniServices

/**
 * - `cache`, `journal`, `networks`: what is recorded, journaled and configured at the start, text by file name.
 * - `interfaces`: by the path of a namespace, the MAC addresses of the interfaces in it, by name. An ADD looks only into
 *   namespaces that are here.
 */
export interface Options {
  readonly journal?: Readonly<Record<string, string>>
  readonly cache?: Readonly<Record<string, string>>
  readonly networks?: Readonly<Record<string, string>>
  readonly interfaces?: MemoryNetworkNamespaces.Interfaces
}

/**
 * `Cni` over scripted plugins, which are also the ones that are found, and over records, journal, locks and networks in
 * memory.
 *
 * @example
 * ```ts
 * import { assert, it } from "@effect/vitest"
 * import { Effect } from "effect"
 * import { Cni, NetworkConfigList } from "effect-cni"
 * import { MemoryCni } from "effect-cni/testing"
 *
 * it.effect("detaches when the scope closes", () =>
 *   Effect.gen(function*() {
 *     const network = yield* NetworkConfigList.fromText(
 *       `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`
 *     )
 *     yield* Effect.scoped(Cni.attach(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }))
 *     assert.deepStrictEqual(yield* MemoryCni.invocations, ["bridge ADD", "portmap ADD", "portmap DEL", "bridge DEL"])
 *   }).pipe(Effect.provide(MemoryCni.layer({
 *     bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } },
 *     portmap: MemoryCni.passThrough
 *   }))))
 * ```
 */
export const layer = (
  plugins: Readonly<Record<string, ScriptedPluginExec.PluginScript>>,
  { cache, interfaces = {}, journal, networks = {} }: Options = {}
): Layer.Layer<Services | PluginInvocations> =>
  Layer.provideMerge(
    Cni.layer,
    Layer.mergeAll(
      Layer.provideMerge(
        CachedPluginVersions.layer,
        Layer.mergeAll(
          Layer.provideMerge(BoundedPluginExec.layer, ScriptedPluginExec.layer(plugins)),
          MemoryPluginDiscovery.layer(Object.keys(plugins))
        )
      ),
      MemoryAttachmentCache.layer(cache),
      MemoryAttachmentJournal.layer(journal),
      MemoryAttachmentLock.layer,
      MemoryNetworkNamespaces.layerWith(interfaces),
      MemoryNetworkConfigs.layer(networks),
      SpecVersionComparison.layer
    )
  )

/** What was run so far, in order, like `"bridge ADD"`; {@link PluginInvocations} has all of each run. */
export const invocations: Effect.Effect<ReadonlyArray<string>, never, PluginInvocations> = Effect.gen(function*() {
  const { all } = yield* PluginInvocations
  return (yield* all).map(({ command, plugin }) => `${plugin} ${command}`)
})
