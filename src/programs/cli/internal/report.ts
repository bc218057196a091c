/** Tells of a failure: to a person on stderr, help first and libcni's words last; to a program as JSON on stdout. */
import * as Effect from "effect/Effect"
import { CommandHost } from "../../../services/CommandHost.ts"
import { CommandOutput } from "../../../services/CommandOutput.ts"
import { PluginDiscovery } from "../../../services/PluginDiscovery.ts"
import type { SharedFlags } from "../base.ts"
import { advise, type Facts, needsPlugins } from "./advice.ts"
import { failed, lineOf } from "./envelope.ts"
import { errorOf, type Failure, wordsOf } from "./failure.ts"
import { settingsOf } from "./settings.ts"
import { styleOf } from "./style.ts"

/** Where distributions and releases put plugins: Debian, Fedora, everybody else. */
const wellKnown = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"]

/** Writes what went wrong in a command, and what to do about it. */
export const report = (command: string, flags: SharedFlags) =>
  Effect.fnUntraced(function*(failure: Failure) {
    const output = yield* CommandOutput
    const help = advise(errorOf(failure), yield* factsFor(failure, flags))
    if (flags.json) return yield* output.write(lineOf(failed(command, failure, help)))
    const { bold, red } = styleOf(yield* output.stderr)
    const lines = [`${red(bold("error:"))} ${errorOf(failure).message}`, ...help.map((line) => `  ${line}`)]
    yield* output.complain(`${lines.join("\n")}\n\n${wordsOf(failure)}\n`)
  })

const factsFor = Effect.fnUntraced(function*(
  failure: Failure,
  flags: SharedFlags
): Effect.fn.Return<Facts, never, CommandHost> {
  const host = yield* CommandHost
  const userId = yield* host.userId
  if (!needsPlugins(errorOf(failure))) return { userId, searched: [], elsewhere: [] }
  const searched = yield* settingsOf(flags).pipe(
    Effect.map(({ places }) => places.pluginPaths),
    Effect.orElseSucceed((): ReadonlyArray<string> => [])
  )
  return {
    userId,
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
