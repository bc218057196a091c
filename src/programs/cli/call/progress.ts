/** Follows a call while it runs: shows on a terminal what takes longer than a second, and writes the trace. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { JsonObject } from "../../../domain/json/Json.ts"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { monotonicMillis } from "../../../services/time/monotonicMillis.ts"
import type { SharedFlags } from "../flags.ts"
import { cut, escapeControls, styleOf } from "../text/text.ts"
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
    shown: <A, E, R>(work: Effect.Effect<A, E, R>) => watch === undefined ? work : withStatusLine(watch, work),
    withTerminal: <A, E, R>(work: Effect.Effect<A, E, R>) => watch === undefined ? work : watch.withTerminal(work),
    trace: Effect.suspend((): Effect.Effect<JsonObject, never, CommandOutput> => {
      if (!isDue || watch === undefined) return Effect.succeed({})
      if (json) return Effect.map(watch.runs, (runs) => ({ trace: runs.map((run) => PluginRun.toJson(run, traceIo)) }))
      isDue = false
      return Effect.as(draw(watch, traceIo), {})
    })
  }
})

const draw = Effect.fnUntraced(function*(watch: Watch, withTexts: boolean) {
  const { waterfall } = yield* Effect.promise(() => import("./waterfall.ts"))
  const output = yield* CommandOutput
  const lines = waterfall(yield* watch.runs, styleOf(yield* output.stderr), withTexts)
  yield* output.complain(`${lines.join("\n")}\n\n`)
})

/** Shows the progress of work in the last line of the terminal, and leaves nothing of it there. */
export const withStatusLine = <A, E, R>(watch: Watch, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const output = yield* CommandOutput
    const { columns = 80, isTerminal } = yield* output.stderr
    if (!isTerminal) return yield* work
    const line = lineOf(columns, output)
    watch.clearBy(line.clear)
    const showing = Effect.forever(Effect.andThen(Effect.sleep(tickMs), showWaiting(watch, line)))
    const fiber = yield* Effect.forkChild(showing)
    return yield* Effect.ensuring(work, Effect.andThen(Fiber.interrupt(fiber), line.clear))
  })

const tickMs = 250
const patienceMs = 1000

interface Line {
  readonly show: (text: string) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
}

// Spaces and carriage returns, which every terminal has.
const lineOf = (columns: number, { complain }: CommandOutput["Service"]): Line => {
  let shown = 0
  const write = (text: string) =>
    Effect.suspend(() => {
      const blank = " ".repeat(Math.max(0, shown - text.length))
      shown = text.length
      return complain(`\r${text}${blank}\r`)
    })
  return {
    show: (text) => write(cut(text, columns - 1)),
    clear: Effect.suspend(() => shown === 0 ? Effect.void : write(""))
  }
}

const showWaiting = Effect.fnUntraced(function*(watch: Watch, line: Line) {
  const waiting = yield* watch.waiting
  if (waiting === undefined) return
  const passed = (yield* monotonicMillis) - waiting.since
  if (passed < patienceMs) return yield* line.clear
  const turn = turns[Math.floor(passed / tickMs) % turns.length]
  yield* line.show(`${turn} ${escapeControls(waiting.name ?? "waiting")}: ${Math.floor(passed / 1000)} s`)
})

const turns = ["|", "/", "-", "\\"] as const
