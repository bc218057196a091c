/** The wiring: the `effect-cni` command over this machine. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import packageJson from "../../../package.json" with { type: "json" }
import * as NodeCommandHost from "../../layers/host/NodeCommandHost.ts"
import * as NodeCommandOutput from "../../layers/host/NodeCommandOutput.ts"
import { runMain } from "../../layers/host/NodeMain.ts"
import { run } from "./run.ts"
import { escapeControlsInLines } from "./text/text.ts"

const machine = Layer.mergeAll(NodeCommandHost.layer, NodeCommandOutput.layer)

const logger = Logger.make(({ logLevel, message }) => {
  const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
  // An error after a text repeats what the text says.
  const words = parts.filter((part, at) => at === 0 || !(part instanceof Error)).map(String).join(" ")
  return `${logLevel === "Warn" ? "warning" : logLevel.toLowerCase()}: ${escapeControlsInLines(words)}`
})

// Stdout has the results, so the log goes to stderr.
const logging = Layer.mergeAll(
  Logger.layer([Logger.withConsoleError(logger)]),
  Layer.succeed(References.MinimumLogLevel, "Warn")
)

/** Runs the command with the arguments of this process, and ends the process. */
export const main = (): void =>
  runMain(
    run(process.argv.slice(2), packageJson).pipe(Effect.provide(Layer.mergeAll(machine, logging))),
    { onImpatience: () => process.stderr.write("still undoing what was begun: please wait\n") }
  )
