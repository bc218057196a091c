/** Validates configurations: those of the host, or files before they are deployed. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { type ConfiguredNetworks, NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { asking, commanding } from "../internal/commanding.ts"
import { examine } from "../internal/examine.ts"
import { brokenFile, type Finding, linesOf, unusedFile, type Worded, wording } from "../internal/findings.ts"
import { said } from "../internal/said.ts"
import type { Settings } from "../internal/settings.ts"
import { type Style, styleOf } from "../internal/style.ts"
import type { NetworkView, ValidateView } from "../internal/views.ts"

/** What it is told. */
export interface ValidateInput {
  readonly files: ReadonlyArray<string>
  readonly filesOnly: boolean
}

export const run = commanding(
  "validate",
  Effect.fnUntraced(function*(input: ValidateInput, settings: Settings) {
    const { networks, others } = yield* Effect.provide(check(input, settings), yield* asking(settings))
    const problems = [...networks.flatMap(({ problems }) => problems), ...others]
    const view: ValidateView = {
      valid: !problems.some(isError),
      networks: networks.map(({ problems, view }): NetworkView => ({ ...view, problems: problems.map(problemOf) })),
      problems: others.map(problemOf)
    }
    return { result: view, ok: view.valid, text: yield* textOf(networks, others) }
  })
)

const check = Effect.fnUntraced(function*({ files, filesOnly }: ValidateInput, settings: Settings) {
  const { broken, duplicates, networks } = yield* files.length === 0
    ? (yield* NetworkConfigs).all
    : networksIn(files)
  const asked = filesOnly ? "nobody" : "plugins"
  const examined = yield* Effect.forEach(networks, ({ file, list }) => examine(file, list, asked))
  const others = [...broken.map(brokenFile), ...duplicates.map(unusedFile(networks)), ...networks.flatMap(unreadName)]
  const word = yield* wording([...examined.flatMap(({ findings }) => findings), ...others], settings)
  return {
    networks: examined.map(({ findings, view }): Checked => ({ view, problems: findings.map(word) })),
    others: others.map(word)
  }
})

const problemOf = ({ problem }: Worded): Worded["problem"] => problem

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

const isError = ({ problem }: Worded): boolean => problem.severity === "error"

const unreadName = ({ file }: { readonly file: string }): ReadonlyArray<Finding> =>
  /\.(?:conflist|conf|json)$/.test(file)
    ? []
    : [{
      file,
      warning: "runtimes read no file of that name: it must end in .conflist, or for one plugin in .conf or .json"
    }]

interface Checked {
  readonly view: Omit<NetworkView, "problems">
  readonly problems: ReadonlyArray<Worded>
}

const textOf = Effect.fnUntraced(function*(networks: ReadonlyArray<Checked>, others: ReadonlyArray<Worded>) {
  const surface = yield* (yield* CommandOutput).stdout
  const style = styleOf(surface)
  const lines = [
    ...networks.flatMap(({ problems, view }) => [
      ...problems.flatMap((problem) => linesOf(problem, style, surface.columns)),
      ...(problems.some(isError) ? [] : fine(view, style, surface.columns))
    ]),
    ...others.flatMap((problem) => linesOf(problem, style, surface.columns))
  ]
  return lines.length === 0 ? "nothing to validate\n" : lines.map((line) => `${line}\n`).join("")
})

const fine = ({ cniVersion, file, name, plugins }: Checked["view"], { green }: Style, width: number | undefined) =>
  said(
    file,
    green,
    `ok: network ${name}, cniVersion ${cniVersion}, ${plugins.map(({ type }) => type).join(", ")}`,
    width
  )
