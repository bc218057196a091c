/** Finds out what there is to know about a failure, and tells of it. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../domain/json/Json.ts"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import { PluginDiscovery } from "../../../services/plugin/PluginDiscovery.ts"
import { type Facts, needsPlugins } from "./advice.ts"
import { errorOf, type Failure } from "./failure.ts"
import { settingsOf } from "./settings.ts"
import type { SharedFlags } from "./sharedFlags.ts"
import { tellOf } from "./tellOf.ts"

/** Where distributions and releases put plugins: Debian, Fedora, everybody else. */
const wellKnown = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"]

/** Writes what went wrong in a command, and what to do about it. */
export const report = Effect.fnUntraced(function*(
  command: string,
  flags: SharedFlags,
  failure: Failure,
  members: JsonObject = {}
) {
  yield* tellOf(failure, { command, facts: yield* factsFor(failure, flags), isJson: flags.json, members })
})

const factsFor = Effect.fnUntraced(function*(
  failure: Failure,
  flags: SharedFlags
): Effect.fn.Return<Facts, never, CommandHost> {
  const host = yield* CommandHost
  const userId = yield* host.userId
  if (!needsPlugins(errorOf(failure))) return { userId, searched: [], elsewhere: [], directories: flags }
  const searched = yield* settingsOf(flags).pipe(
    Effect.map(({ places }) => places.pluginPaths),
    Effect.orElseSucceed((): ReadonlyArray<string> => [])
  )
  return { userId, directories: flags, ...(yield* pluginsAround(searched)) }
})

/** The plugins of the directories that are searched, and those in well-known ones that are not. */
export const pluginsAround = Effect.fnUntraced(function*(searched: ReadonlyArray<string>) {
  return {
    searched: yield* installedIn(searched),
    elsewhere: yield* installedIn(wellKnown.filter((directory) => !searched.includes(directory)))
  }
})

const installedIn = Effect.fnUntraced(function*(pluginPaths: ReadonlyArray<string>) {
  const { asking } = yield* CommandHost
  return yield* Effect.provide(
    Effect.flatMap(PluginDiscovery, ({ installed }) => installed),
    asking({ confDir: "", cacheDir: "", pluginPaths })
  )
})
