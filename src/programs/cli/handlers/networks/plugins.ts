/** Shows which plugins are installed, which of them are used, and which versions they speak. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { type InstalledPlugin, PluginDiscovery } from "../../../../services/plugin/PluginDiscovery.ts"
import { PluginVersions } from "../../../../services/plugin/PluginVersions.ts"
import { asking, handler } from "../../call/handler.ts"
import { isReference, pluginsAround } from "../../failure/advice.ts"
import { pluginsOf, toRun } from "../../failure/suggestedCommands.ts"
import type { Directories } from "../../flags.ts"
import { type Cell, table } from "../../text/layout.ts"
import { escapeControls, stdoutStyle, type Style, textOfLines } from "../../text/text.ts"
import type { PluginsView } from "../views.ts"
import { rangeOf } from "./networks.ts"

/** The plugins of these types are asked even where a directory may hold other programs. */
export interface PluginsArgs {
  readonly types: ReadonlyArray<string>
}

type PluginView = PluginsView["plugins"][number]

export const plugins = handler("plugins", asking, function*({ types }: PluginsArgs, call) {
  const discovery = yield* PluginDiscovery
  const named = yield* Effect.forEach(types, (type) => Effect.as(discovery.find(type), type))
  const toAsk = new Set([...named, ...(yield* configured)])
  const installed = yield* discovery.installed
  const shown = types.length === 0 ? installed : installed.filter(({ type }) => types.includes(type))
  const plugins = yield* Effect.forEach(shown, (plugin) => viewOf(plugin, installed, toAsk), { concurrency: 4 })
  const view: PluginsView = { searched: call.places.pluginPaths, plugins }
  const lines = view.searched.length === 0 ? [yield* nothingSearched] : linesOf(view, call, yield* stdoutStyle)
  return { result: view, text: textOfLines(lines) }
})

const configured = Effect.flatMap(NetworkConfigs, ({ all }) => all).pipe(
  Effect.map(({ networks }) => networks.flatMap(({ list }) => list.plugins.map(({ type }) => type))),
  Effect.orElseSucceed((): ReadonlyArray<string> => [])
)

const viewOf = Effect.fnUntraced(function*(
  { isExecutable, path, type }: InstalledPlugin,
  installed: ReadonlyArray<InstalledPlugin>,
  toAsk: ReadonlySet<string>
): Effect.fn.Return<PluginView, never, PluginVersions> {
  const used = installed.find((other) => other.type === type && other.isExecutable)
  const plugin = { type, path, isExecutable }
  if (!isExecutable || used === undefined) return { ...plugin, issue: "not executable" }
  if (used.path !== path) return { ...plugin, shadowedBy: used.path }
  if (!isCertainlyPlugin(path) && !isReference(type) && !toAsk.has(type)) return { ...plugin, issue: notAsked }
  const info = yield* Effect.result((yield* PluginVersions).of(type))
  return Result.isSuccess(info)
    ? { ...plugin, versions: info.success.supportedVersions }
    : { ...plugin, issue: info.failure.message }
})

// To ask a plugin is to run it, and a directory such as /usr/sbin has programs that must not be run.
const isCertainlyPlugin = (path: string): boolean => /\/cni\//.test(path)

const linesOf = (
  { plugins, searched }: PluginsView,
  directories: Directories,
  style: Style
): ReadonlyArray<string> => {
  if (plugins.length === 0) return [`no plugins in ${searched.join(", ")}`]
  const candidates = plugins.filter(({ isExecutable }) => isExecutable)
  const rest = plugins.filter(({ isExecutable }) => !isExecutable)
  const unasked = plugins.find(({ issue }) => issue === notAsked)
  const purpose = "not asked, since to ask is to run it, and it may be no plugin; to ask all the same"
  return [
    ...table(columns, candidates.map((plugin) => rowOf(plugin, style)), style),
    ...(rest.length === 0 ? [] : ["", "not executable, so that they cannot be used:"]),
    ...rest.map(({ path }) => `  ${escapeControls(path)}`),
    ...(unasked === undefined ? [] : ["", ...toRun(purpose, pluginsOf(unasked.type, directories))])
  ]
}

const columns = [
  { title: "PLUGIN" },
  { title: "VERSIONS", kind: "flexible" },
  { title: "PATH", cut: "start" }
] as const

const nothingSearched = Effect.map(pluginsAround([]), ({ elsewhere: [first] }) => {
  const there = first === undefined ? "" : `; there are some in ${first.path.slice(0, -first.type.length - 1)}`
  return `no directory to look in: name one by --plugin-dir DIR, or CNI_PATH=DIR:DIR${there}`
})

const notAsked = "not asked"

const rowOf = ({ issue, path, shadowedBy, type, versions }: PluginView, style: Style): ReadonlyArray<Cell> => {
  if (versions !== undefined) return [{ text: type }, { text: rangeOf(versions), paint: style.green }, { text: path }]
  if (shadowedBy !== undefined) {
    return [{ text: type, paint: style.dim }, { text: "shadowed", paint: style.dim }, { text: path, paint: style.dim }]
  }
  return [{ text: type }, { text: issue ?? "", paint: issue === notAsked ? style.dim : style.red }, { text: path }]
}
