/** Attends to a command while it runs, where somebody looks on or wants a trace; elsewhere that costs nothing. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../domain/json/Json.ts"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import type { SharedFlags } from "./sharedFlags.ts"
import { styleOf } from "./style.ts"
import { makeWatch, type Watch } from "./watch.ts"

/**
 * - `attended`: the command's work, with progress on a terminal.
 * - `trace`: shows the trace, once; or gives it as members of the envelope, with `--json`.
 */
export const attendance = Effect.fnUntraced(function*({ json, trace, traceIo }: SharedFlags) {
  const isTraced = trace || traceIo
  const { isTerminal } = yield* (yield* CommandOutput).stderr
  const watch = isTraced || isTerminal ? yield* makeWatch : undefined
  let isDue = isTraced
  return {
    watch,
    attended: <A, E, R>(work: Effect.Effect<A, E, R>) => watch === undefined || !isTerminal ? work : shown(watch, work),
    trace: Effect.suspend((): Effect.Effect<JsonObject, never, CommandOutput> => {
      if (!isDue || watch === undefined) return Effect.succeed({})
      if (json) return Effect.map(watch.runs, (runs) => ({ trace: runs.map((run) => PluginRun.toJson(run, traceIo)) }))
      isDue = false
      return Effect.as(draw(watch, traceIo), {})
    })
  }
})

const shown = <A, E, R>(watch: Watch, work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.promise(() => import("./progress.ts")), ({ showing }) => showing(watch, work))

const draw = Effect.fnUntraced(function*(watch: Watch, withTexts: boolean) {
  const { waterfall } = yield* Effect.promise(() => import("./waterfall.ts"))
  const output = yield* CommandOutput
  const surface = yield* output.stderr
  const lines = waterfall(yield* watch.runs, { width: surface.columns, withTexts, style: styleOf(surface) })
  yield* output.complain(`${lines.join("\n")}\n\n`)
})
