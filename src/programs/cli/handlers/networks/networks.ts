/** Shows which networks are configured, and what is wrong with them or with files before they are deployed. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfiguredNetworks, NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { asking, handler } from "../../call/handler.ts"
import { type Node, tree } from "../../text/layout.ts"
import { labelledLines, stdoutStyle, type Style, textOfLines } from "../../text/text.ts"
import type { NetworksView, NetworkView, PluginUse, ValidateView } from "../views.ts"
import { diagnose, type Diagnosed } from "./diagnoseNetwork.ts"
import { brokenFile, type Diagnostic, linesOf, type Rendered, unusedFile } from "./diagnosticText.ts"

export const networks = handler("networks", asking, function*(_: object, call) {
  const { broken, duplicates, networks: configured } = yield* (yield* NetworkConfigs).all
  const files = [...broken.map(brokenFile), ...duplicates.map(unusedFile(configured))]
  const { networks, others } = yield* diagnose(configured, files, { depth: "plugins", settings: call })
  const problems = others.map(({ problem }) => problem)
  const directory = call.places.confDir
  const view: NetworksView = {
    directory,
    networks: networks.map(({ view }) => view),
    broken: problems.slice(0, broken.length),
    unused: problems.slice(broken.length)
  }
  const style = yield* stdoutStyle
  const lines = networks.length === 0
    ? [`no usable network in ${directory}: put a .conflist file there, or name another directory by --conf-dir`]
    : tree(view.networks.map((network) => networkNode(network, style)), style.width)
  const rendered = [...networks.flatMap(({ rendered }) => rendered), ...others]
  return { result: view, text: textOfLines([...lines, ...rendered.flatMap((one) => ["", ...linesOf(one, style)])]) }
})

/** A network with its version, its plugins and what is special about it. */
const networkNode = (view: NetworkView, style: Style): Node => ({
  text: `${view.name}  ${view.file}`,
  paint: style.bold,
  below: [
    { text: `cniVersion ${view.cniVersion}, ${view.versionReason}` },
    ...view.plugins.map((plugin) => pluginNode(plugin, style)),
    ...special(view).map((text) => ({ text }))
  ]
})

const pluginNode = ({ path, role, type, versions }: PluginUse, { green, red }: Style): Node => {
  const name = role === "ipam" ? `${type} (addresses)` : type
  if (path === undefined) return { text: `${name}: not found`, paint: red }
  if (versions === undefined) return { text: `${name}: ${path}, which cannot be asked`, paint: red }
  return { text: `${name}: ${path}, speaks ${rangeOf(versions)}`, paint: green }
}

/** The first and the last of some versions. */
export const rangeOf = (versions: ReadonlyArray<string>): string =>
  versions.length > 2 ? `${versions[0]} … ${versions.at(-1)}` : versions.join(", ")

const special = (view: NetworkView): ReadonlyArray<string> => [
  ...(view.capabilities.length > 0 ? [`capabilities: ${view.capabilities.join(", ")}`] : []),
  ...(view.dropIns > 0 ? [`of its plugins, ${view.dropIns} from drop-ins beside the file`] : []),
  ...(view.disableCheck ? ["disableCheck: check does nothing"] : []),
  ...(view.disableGC ? ["disableGC: gc does nothing"] : [])
]

export interface ValidateArgs {
  readonly files: ReadonlyArray<string>
  readonly filesOnly: boolean
}

export const validate = handler("validate", asking, function*({ files, filesOnly }: ValidateArgs, call) {
  const configured = yield* files.length === 0 ? (yield* NetworkConfigs).all : networksIn(files)
  const about = [
    ...configured.broken.map(brokenFile),
    ...configured.duplicates.map(unusedFile(configured.networks)),
    ...configured.networks.flatMap(unreadName)
  ]
  const { networks, others } = yield* diagnose(configured.networks, about, {
    depth: filesOnly ? "files" : "plugins",
    settings: call
  })
  const view: ValidateView = {
    valid: ![...networks.flatMap(({ rendered }) => rendered), ...others].some(isError),
    networks: networks.map(({ view }) => view),
    problems: others.map(({ problem }) => problem)
  }
  const style = yield* stdoutStyle
  const lines = [
    ...networks.flatMap((network) => linesOfNetwork(network, style)),
    ...others.flatMap((one) => linesOf(one, style))
  ]
  return {
    result: view,
    status: view.valid ? 0 : 1,
    text: textOfLines(lines.length === 0 ? ["nothing to validate"] : lines)
  }
})

const networksIn = Effect.fnUntraced(function*(files: ReadonlyArray<string>) {
  const configs = yield* NetworkConfigs
  const loaded = yield* Effect.forEach(
    files,
    (file) => Effect.result(Effect.map(configs.inFile(file), (list) => ({ file, list })))
  )
  const all: ConfiguredNetworks = {
    networks: loaded.filter(Result.isSuccess).map(({ success }) => success),
    broken: loaded.filter(Result.isFailure).map(({ failure }) => failure),
    duplicates: []
  }
  return all
})

const unreadName = ({ file }: { readonly file: string }): ReadonlyArray<Diagnostic> =>
  /\.(?:conflist|conf|json)$/.test(file)
    ? []
    : [{
      file,
      warning: "runtimes read no file of that name: it must end in .conflist, or for one plugin in .conf or .json"
    }]

const isError = ({ problem }: Rendered): boolean => problem.severity === "error"

const linesOfNetwork = ({ rendered, view }: Diagnosed, style: Style): ReadonlyArray<string> => {
  const { cniVersion, file, name, plugins } = view
  const chain = plugins.map(({ type }) => type).join(", ")
  return [
    ...rendered.flatMap((one) => linesOf(one, style)),
    ...(rendered.some(isError)
      ? []
      : labelledLines(file, style.green, `ok: network ${name}, cniVersion ${cniVersion}, ${chain}`, style.width))
  ]
}
