/** Follows a call while it runs: shows on a terminal what takes longer than a second, and writes the trace. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { JsonObject } from "../../../domain/json/Json.ts"
import type { PluginOutcome } from "../../../domain/plugin/PluginReply.ts"
import * as PluginRun from "../../../domain/plugin/PluginRun.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import type { PluginExecError } from "../../../services/plugin/PluginExec.ts"
import type { PluginObserver } from "../../../services/plugin/PluginObserver.ts"
import { monotonicMillis } from "../../../services/time/monotonicMillis.ts"
import type { SharedFlags } from "../flags.ts"
import { cut, escapeControls, styleOf } from "../text/text.ts"

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
  const { waterfall } = yield* Effect.promise(() => import("./pluginTimings.ts"))
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

/** What a call waits for: a plugin, or something without a name; since when, in ms of `monotonicMillis`. */
interface Waiting {
  readonly name: string | undefined
  readonly since: number
}

/** Records the runs of plugins of a call, and which one the call waits for. */
interface Watch {
  readonly observer: PluginObserver["Service"]
  /** The runs so far, in the order of their starts. */
  readonly runs: Effect.Effect<ReadonlyArray<PluginRun.PluginRun>>
  /** What the call waits for at the moment; `undefined` inside of `withTerminal`. */
  readonly waiting: Effect.Effect<Waiting | undefined>
  /** Runs an effect that has the terminal for itself. */
  readonly withTerminal: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Sets what clears the terminal before such an effect. */
  readonly clearBy: (clear: Effect.Effect<void>) => void
}

export const makeWatch: Effect.Effect<Watch> = Effect.map(monotonicMillis, (begun): Watch => {
  const runs: Array<PluginRun.PluginRun> = []
  const running = new Map<object, Waiting>()
  let holders = 0
  let idleSince = begun
  let clear: Effect.Effect<void> = Effect.void
  const idleFromNow = Effect.map(monotonicMillis, (now) => idleSince = now)
  const take = Effect.suspend(() => {
    holders++
    return clear
  })
  const giveBack = Effect.suspend(() => {
    holders--
    return idleFromNow
  })
  const watched: PluginObserver["Service"]["watched"] = (invocation, run) =>
    Effect.flatMap(monotonicMillis, (since) => {
      running.set(invocation, { name: `${invocation.plugin} ${invocation.command}`, since })
      return Effect.onExit(run, (exit) =>
        Effect.map(idleFromNow, (now) => {
          running.delete(invocation)
          const times = PluginRun.about(invocation, Math.round(since - begun), Math.round(now - begun))
          runs.push({ ...times, ...endOf(exit) })
        }))
    })
  return {
    observer: { watched },
    runs: Effect.sync(() => runs.toSorted((left, right) => left.startMs - right.startMs)),
    waiting: Effect.sync(() =>
      holders > 0 ? undefined : running.values().next().value ?? { name: undefined, since: idleSince }
    ),
    withTerminal: (effect) => Effect.acquireUseRelease(take, () => effect, () => giveBack),
    clearBy: (effect) => void (clear = effect)
  }
})

const endOf = (exit: Exit.Exit<PluginOutcome, PluginExecError>) =>
  Exit.isSuccess(exit)
    ? PluginRun.ofOutcome(exit.value)
    : PluginRun.ofError(Option.getOrUndefined(Cause.findErrorOption(exit.cause)))
