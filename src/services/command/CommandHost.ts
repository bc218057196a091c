/** What a command needs of the machine that it runs on, apart from what it writes. */
import type { Environment } from "effect/cli/Command"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { CniServices } from "../CniServices.ts"
import type { NetworkConfigs } from "../network/NetworkConfigs.ts"
import type { ScratchNamespaces } from "../network/ScratchNamespaces.ts"
import type { PluginDiscovery } from "../plugin/PluginDiscovery.ts"
import type { PluginExec } from "../plugin/PluginExec.ts"
import type { PluginObserver } from "../plugin/PluginObserver.ts"
import type { PluginVersions } from "../plugin/PluginVersions.ts"
import type { VersionComparison } from "../plugin/VersionComparison.ts"

/** Where networks are configured, plugins are looked for and records are kept. */
export interface Places {
  readonly confDir: string
  readonly pluginPaths: ReadonlyArray<string>
  readonly cacheDir: string
}

/** What is enough for commands that change nothing and look at no attachments: it loads fast. */
export type AskingServices = NetworkConfigs | PluginDiscovery | PluginExec | PluginVersions | VersionComparison

export class CommandHost extends Context.Service<CommandHost, {
  /** What effect/cli may ask for while it reads a call. */
  readonly environment: Layer.Layer<Environment>
  /** An `observer` sees every run of a plugin. */
  readonly asking: (places: Places, observer?: PluginObserver["Service"]) => Layer.Layer<AskingServices>
  readonly operating: (places: Places, observer?: PluginObserver["Service"]) => Layer.Layer<CniServices>
  /** Namespaces that belong to a cache. */
  readonly scratch: (cacheDir: string) => Layer.Layer<ScratchNamespaces>
  /** The user that we act as; nothing where there are no users of that kind. */
  readonly userId: Effect.Effect<number | undefined>
  /** An absolute, clean path, as of the current directory. */
  readonly absolute: (path: string) => Effect.Effect<string>
  /** The SHA-512 of a text, in hex. */
  readonly sha512: (text: string) => Effect.Effect<string>
}>()("effect-cni/services/CommandHost") {}
