/** Shows which plugins are installed, which of them are used, and which versions they speak. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { type InstalledPlugin, PluginDiscovery } from "../../../services/plugin/PluginDiscovery.ts"
import { PluginVersions } from "../../../services/plugin/PluginVersions.ts"
import { isReference } from "../internal/advice.ts"
import { asking, commanding } from "../internal/commanding.ts"
import { type Directories, pluginsOf, toRun } from "../internal/commands.ts"
import { harmless } from "../internal/harmless.ts"
import { rangeOf } from "../internal/networkOutline.ts"
import { pluginsAround } from "../internal/report.ts"
import type { Settings } from "../internal/settings.ts"
import { type Style, styleOf } from "../internal/style.ts"
import { type Cell, table } from "../internal/table.ts"
import type { PluginsView } from "../internal/views.ts"

/** Types that are asked in any case. */
export interface PluginsInput {
  readonly types: ReadonlyArray<string>
}

type PluginView = PluginsView["plugins"][number]

export const run = commanding(
  "plugins",
  Effect.fnUntraced(function*({ types }: PluginsInput, settings: Settings) {
    const looking = Effect.gen(function*() {
      const discovery = yield* PluginDiscovery
      const named = yield* Effect.forEach(types, (type) => Effect.as(discovery.find(type), type))
      const known = new Set([...named, ...(yield* configured)])
      const installed = yield* discovery.installed
      const shown = types.length === 0 ? installed : installed.filter(({ type }) => types.includes(type))
      const plugins = yield* Effect.forEach(shown, (plugin) => viewOf(plugin, installed, known), { concurrency: 4 })
      const view: PluginsView = { searched: settings.places.pluginPaths, plugins }
      return { result: view, text: yield* textOf(view, settings) }
    })
    return yield* Effect.provide(looking, yield* asking(settings))
  })
)

const configured = Effect.flatMap(NetworkConfigs, ({ all }) => all).pipe(
  Effect.map(({ networks }) => networks.flatMap(({ list }) => list.plugins.map(({ type }) => type))),
  Effect.orElseSucceed((): ReadonlyArray<string> => [])
)

const viewOf = Effect.fnUntraced(function*(
  { isExecutable, path, type }: InstalledPlugin,
  installed: ReadonlyArray<InstalledPlugin>,
  known: ReadonlySet<string>
): Effect.fn.Return<PluginView, never, PluginVersions> {
  const used = installed.find((other) => other.type === type && other.isExecutable)
  const plugin = { type, path, isExecutable }
  if (!isExecutable || used === undefined) return { ...plugin, issue: "not executable" }
  if (used.path !== path) return { ...plugin, shadowedBy: used.path }
  if (!isCertainlyPlugin(path) && !isReference(type) && !known.has(type)) return { ...plugin, issue: notAsked }
  const info = yield* Effect.result((yield* PluginVersions).of(type))
  return Result.isSuccess(info)
    ? { ...plugin, versions: info.success.supportedVersions }
    : { ...plugin, issue: info.failure.message }
})

// To ask is to run it, and in a directory such as /usr/sbin there is what must not be run.
const isCertainlyPlugin = (path: string): boolean => /\/cni\//.test(path)

const textOf = Effect.fnUntraced(function*({ plugins, searched }: PluginsView, directories: Directories) {
  const surface = yield* (yield* CommandOutput).stdout
  const style = styleOf(surface)
  if (searched.length === 0) return yield* nowhere
  if (plugins.length === 0) return `no plugins in ${searched.join(", ")}\n`
  const candidates = plugins.filter(({ isExecutable }) => isExecutable)
  const rest = plugins.filter(({ isExecutable }) => !isExecutable)
  const columns = [{ title: "PLUGIN" }, { title: "VERSIONS", kind: "flexible" as const }, {
    title: "PATH",
    cut: "start" as const
  }]
  const lines = [
    ...table(columns, candidates.map((plugin) => rowOf(plugin, style)), { bold: style.bold, width: surface.columns }),
    ...(rest.length === 0 ? [] : ["", "not executable, so that they cannot be used:"]),
    ...rest.map(({ path }) => `  ${harmless(path)}`),
    ...plugins.filter(({ issue }) => issue === notAsked).slice(0, 1).flatMap(({ type }) => [
      "",
      ...toRun(
        "not asked, since to ask is to run it, and it may be no plugin; to ask all the same",
        pluginsOf(type, directories)
      )
    ])
  ]
  return lines.map((line) => `${line}\n`).join("")
})

const nowhere = Effect.map(pluginsAround([]), ({ elsewhere }) => {
  const [first] = elsewhere
  const there = first === undefined ? "" : `; there are some in ${first.path.slice(0, -first.type.length - 1)}`
  return `no directory to look in: name one by --plugin-dir DIR, or CNI_PATH=DIR:DIR${there}\n`
})

const notAsked = "not asked"

const rowOf = ({ issue, path, shadowedBy, type, versions }: PluginView, style: Style): ReadonlyArray<Cell> => {
  if (versions !== undefined) return [{ text: type }, { text: rangeOf(versions), paint: style.green }, { text: path }]
  if (shadowedBy !== undefined) {
    return [{ text: type, paint: style.dim }, { text: "shadowed", paint: style.dim }, { text: path, paint: style.dim }]
  }
  return [{ text: type }, { text: issue ?? "", paint: issue === notAsked ? style.dim : style.red }, { text: path }]
}
