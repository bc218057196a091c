/** Validates configurations: those of the host, or files before they are deployed. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfiguredNetworks, NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { asking, handler } from "../../call/handler.ts"
import { labelledLines, stdoutStyle, type Style, textOfLines } from "../../text/text.ts"
import { diagnose, type Diagnosed } from "./diagnose.ts"
import { brokenFile, type Diagnostic, linesOf, type Rendered, unusedFile } from "./diagnostics.ts"
import type { ValidateView } from "./views.ts"

export interface ValidateArgs {
  readonly files: ReadonlyArray<string>
  readonly filesOnly: boolean
}

export const run = handler("validate", asking, function*({ files, filesOnly }: ValidateArgs, call) {
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
