/** Follows a call while it runs, where there is a terminal or a trace is wanted. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../domain/json/Json.ts"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import type { SharedFlags } from "../flags/sharedFlags.ts"
import { styleOf } from "../text/style.ts"
import { makeWatch, type Watch } from "./watch.ts"

/**
 * - `shown`: work with its progress on the terminal.
 * - `withTerminal`: work that has the terminal for itself.
 * - `trace`: writes the trace, once; with `--json`, gives it as members of the envelope.
 */
export const makeProgress = Effect.fnUntraced(function*({ json, trace, traceIo }: SharedFlags) {
  const isTraced = trace || traceIo
  const { isTerminal } = yield* (yield* CommandOutput).stderr
  const watch = isTraced || isTerminal ? yield* makeWatch : undefined
  let isDue = isTraced
  return {
    observer: watch?.observer,
    shown: <A, E, R>(work: Effect.Effect<A, E, R>) => watch === undefined ? work : onStatusLine(watch, work),
    withTerminal: <A, E, R>(work: Effect.Effect<A, E, R>) => watch === undefined ? work : watch.withTerminal(work),
    trace: Effect.suspend((): Effect.Effect<JsonObject, never, CommandOutput> => {
      if (!isDue || watch === undefined) return Effect.succeed({})
      if (json) return Effect.map(watch.runs, (runs) => ({ trace: runs.map((run) => PluginRun.toJson(run, traceIo)) }))
      isDue = false
      return Effect.as(draw(watch, traceIo), {})
    })
  }
})

const onStatusLine = <A, E, R>(watch: Watch, work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.promise(() => import("./statusLine.ts")), ({ withStatusLine }) => withStatusLine(watch, work))

const draw = Effect.fnUntraced(function*(watch: Watch, withTexts: boolean) {
  const { waterfall } = yield* Effect.promise(() => import("./waterfall.ts"))
  const output = yield* CommandOutput
  const lines = waterfall(yield* watch.runs, styleOf(yield* output.stderr), withTexts)
  yield* output.complain(`${lines.join("\n")}\n\n`)
})
