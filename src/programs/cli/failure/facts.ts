/** Finds the facts about the host that advice is made of. */
import * as Effect from "effect/Effect"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import { PluginDiscovery } from "../../../services/plugin/PluginDiscovery.ts"
import type { Directories } from "../flags.ts"
import { type Facts, needsPlugins } from "./advice.ts"
import type { ReportableError } from "./failure.ts"

/** The facts for advice on some errors, in a call with some directories that looks for plugins in `pluginPaths`. */
export const factsFor = Effect.fnUntraced(function*(
  errors: ReadonlyArray<ReportableError>,
  directories: Directories,
  pluginPaths: ReadonlyArray<string>
): Effect.fn.Return<Facts, never, CommandHost> {
  const userId = yield* (yield* CommandHost).userId
  const isMissing = errors.some(needsPlugins)
  return { userId, directories, ...(isMissing ? yield* pluginsAround(pluginPaths) : { searched: [], elsewhere: [] }) }
})

/** The plugins of the directories that are searched, and those of the usual directories that are not. */
export const pluginsAround = Effect.fnUntraced(function*(searched: ReadonlyArray<string>) {
  return {
    searched: yield* installedIn(searched),
    elsewhere: yield* installedIn(usual.filter((directory) => !searched.includes(directory)))
  }
})

/** Where Debian, Fedora and the releases put plugins. */
const usual = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"]

const installedIn = Effect.fnUntraced(function*(pluginPaths: ReadonlyArray<string>) {
  const { asking } = yield* CommandHost
  return yield* Effect.provide(
    Effect.flatMap(PluginDiscovery, ({ installed }) => installed),
    asking({ confDir: "", cacheDir: "", pluginPaths })
  )
})
