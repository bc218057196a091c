/** Shows which networks are configured, and what of them would not work. */
import * as Effect from "effect/Effect"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { asking, commanding } from "../internal/commanding.ts"
import { examine } from "../internal/examine.ts"
import { brokenFile, linesOf, unusedFile, type Worded, wording } from "../internal/findings.ts"
import { networkNode } from "../internal/networkOutline.ts"
import { outline } from "../internal/outline.ts"
import type { Settings } from "../internal/settings.ts"
import { styleOf } from "../internal/style.ts"
import type { NetworksView, NetworkView } from "../internal/views.ts"

export const run = commanding(
  "networks",
  Effect.fnUntraced(function*(_input: unknown, settings: Settings) {
    const looking = Effect.gen(function*() {
      const { broken, duplicates, networks } = yield* (yield* NetworkConfigs).all
      const examined = yield* Effect.forEach(networks, ({ file, list }) => examine(file, list, "plugins"))
      const unused = duplicates.map(unusedFile(networks))
      const findings = [...examined.flatMap((one) => one.findings), ...broken.map(brokenFile), ...unused]
      const word = yield* wording(findings, settings)
      const networksView = examined.map(({ findings, view }): NetworkView => ({
        ...view,
        problems: findings.map((finding) => word(finding).problem)
      }))
      const view: NetworksView = {
        directory: settings.places.confDir,
        networks: networksView,
        broken: broken.map((failure) => word(brokenFile(failure)).problem),
        unused: unused.map((finding) => word(finding).problem)
      }
      return { result: view, text: yield* textOf(view, findings.map(word)) }
    })
    return yield* Effect.provide(looking, yield* asking(settings))
  })
)

const textOf = Effect.fnUntraced(function*({ directory, networks }: NetworksView, problems: ReadonlyArray<Worded>) {
  const surface = yield* (yield* CommandOutput).stdout
  const style = styleOf(surface)
  const roots = networks.map((network) => networkNode(network, style))
  const lines = networks.length === 0
    ? [`no usable network in ${directory}: put a .conflist file there, or name another directory by --conf-dir`]
    : outline(roots, surface.columns)
  const below = problems.flatMap((problem) => ["", ...linesOf(problem, style, surface.columns)])
  return [...lines, ...below].map((line) => `${line}\n`).join("")
})
