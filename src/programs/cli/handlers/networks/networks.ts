/** Shows which networks are configured, and what of them would not work. */
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { asking, handler } from "../../call/handler.ts"
import { tree } from "../../text/layout.ts"
import { stdoutStyle, textOfLines } from "../../text/text.ts"
import { diagnose } from "./diagnose.ts"
import { brokenFile, linesOf, unusedFile } from "./diagnostics.ts"
import { networkNode } from "./networkTree.ts"
import type { NetworksView } from "./views.ts"

export const run = handler("networks", asking, function*(_: object, call) {
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
