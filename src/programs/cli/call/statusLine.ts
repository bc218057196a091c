/** Shows on a terminal what a call waits for, if that takes longer than a second. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { monotonicMillis } from "../../../services/time/monotonicMillis.ts"
import { escapeControls } from "../text/escape.ts"
import { cut } from "../text/width.ts"
import type { Watch } from "./watch.ts"

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
