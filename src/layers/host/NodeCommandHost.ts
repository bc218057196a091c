/** This machine, for the command: what it starts with is little, since a short command should not wait for it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { type AskingServices, CommandHost, type Places } from "../../services/command/CommandHost.ts"
import type { PluginExec } from "../../services/plugin/PluginExec.ts"
import { PluginObserver } from "../../services/plugin/PluginObserver.ts"
import * as FileSystemNetworkConfigs from "../config/FileSystemNetworkConfigs.ts"
import * as CachedPluginVersions from "../discovery/CachedPluginVersions.ts"
import * as FileSystemPluginDiscovery from "../discovery/FileSystemPluginDiscovery.ts"
import * as SpecVersionComparison from "../discovery/SpecVersionComparison.ts"
import * as NodePluginExec from "../exec/NodePluginExec.ts"
import * as ObservedPluginExec from "../exec/ObservedPluginExec.ts"

/**
 * Plugins are started by `node:child_process`: to load koffi takes longer than its faster starts give back in a process
 * that runs a few.
 */
export const layer: Layer.Layer<CommandHost> = Layer.sync(CommandHost, () =>
  CommandHost.of({
    environment: Layer.unwrap(Effect.map(
      Effect.promise(() => import("./NodeCommandEnvironment.ts")),
      (NodeCommandEnvironment) => NodeCommandEnvironment.layer
    )),
    asking,
    operating: (places, observer) =>
      Layer.unwrap(Effect.map(
        Effect.promise(() => import("../NodeCni.ts")),
        (NodeCni) => NodeCni.layer({ ...places, exec: execFor(observer) })
      )),
    scratch: (cacheDir) =>
      Layer.unwrap(Effect.map(
        Effect.promise(() => import("../namespace/IpScratchNamespaces.ts")),
        (IpScratchNamespaces) => IpScratchNamespaces.layer(cacheDir)
      )),
    userId: Effect.sync(() => process.getuid?.()),
    absolute: (path) => Effect.sync(() => Path.resolve(path)),
    sha512: (text) =>
      Effect.map(Effect.promise(() => import("node:crypto")), (Crypto) =>
        Crypto.createHash("sha512").update(text).digest("hex"))
  }))

const asking = ({ confDir, pluginPaths }: Places, observer?: PluginObserver["Service"]): Layer.Layer<AskingServices> =>
  Layer.mergeAll(
    Layer.provideMerge(
      CachedPluginVersions.layer,
      Layer.mergeAll(execFor(observer), FileSystemPluginDiscovery.layer(pluginPaths))
    ),
    FileSystemNetworkConfigs.layer(confDir),
    SpecVersionComparison.layer
  )

const execFor = (observer: PluginObserver["Service"] | undefined): Layer.Layer<PluginExec> =>
  observer === undefined
    ? NodePluginExec.layer
    : Layer.provide(ObservedPluginExec.layer, [NodePluginExec.layer, Layer.succeed(PluginObserver, observer)])
