/** Runs a vector: its steps in order, on one fixture, each with what it found and what came of it. */
import { Effect, Result } from "effect"
import { PluginInvocations } from "effect-cni/testing"
import type { Call, Services } from "./calls/call.ts"
import { functions } from "./calls/functions.ts"
import { loading } from "./calls/loading.ts"
import { operations } from "./calls/operations.ts"
import { type CacheFiles, cacheFiles, makeFixture, type Places, removeFixture } from "./fixture.ts"
import { parseJson } from "./json.ts"
import { readInvocations } from "./scriptedPlugin.ts"
import { asLibcni, type Mode, services } from "./services.ts"
import type { Failure, Failures, Fixture, Invocation, Outcome, Step, Vector } from "./vector.ts"

/** What a step found: the cache, and what plugins had been asked. */
export interface Before {
  readonly cache: CacheFiles
  readonly invocations: ReadonlyArray<Invocation>
}

/** A step that was run. */
export interface Ran {
  readonly step: Step
  readonly before: Before
  readonly got: Outcome
}

/** A vector that was run: in which directory, and what came of its steps. */
export interface Scenario {
  readonly vector: Vector
  readonly places: Places
  readonly steps: ReadonlyArray<Ran>
}

const calls: Readonly<Record<string, Call>> = { ...loading, ...operations, ...functions }

/** Runs a vector and judges it while its directory is there; nothing for what cannot exist in memory. */
export const runVector = <A>(mode: Mode, vector: Vector, judge: (scenario: Scenario) => A): Effect.Effect<A> =>
  Effect.acquireUseRelease(
    Effect.sync(() => makeFixture(vector.fixture)),
    (places) =>
      Effect.forEach(vector.steps, (step) => runStep(vector.fixture, places, step)).pipe(
        Effect.map((steps) => judge({ vector, places, steps })),
        Effect.provide(services(mode, vector.fixture, places))
      ),
    (places) => Effect.sync(() => removeFixture(places))
  )

/** Whether a scenario has real executables besides the scripted ones, which memory has not. */
export const needsProcesses = ({ fixture: { tree = {} }, steps }: Vector): boolean =>
  Object.entries(tree).some(([path, { kind }]) => path.startsWith("bin/") && kind !== "dir") &&
  steps.some(({ call }) => Object.hasOwn(operations, call))

const runStep = Effect.fnUntraced(function*(fixture: Fixture, places: Places, step: Step) {
  const before: Before = { cache: cacheFiles(places), invocations: yield* invocations(fixture, places) }
  const result = yield* Effect.result(perform(step, places))
  const outcome: Outcome = Result.match(result, {
    onSuccess: (value) => ({ value }),
    onFailure: (error) => ({ error })
  })
  if (!Object.hasOwn(operations, step.call)) return { step, before, got: outcome }
  const asked = (yield* invocations(fixture, places)).slice(before.invocations.length)
  const cache = Object.fromEntries([...cacheFiles(places)].map(([name, text]) => [name, parseJson(text)]))
  return { step, before, got: { ...outcome, invocations: asked, cache } }
})

const perform = ({ args, call }: Step, places: Places): Effect.Effect<unknown, Failure | Failures, Services> => {
  const known = calls[call]
  if (known === undefined) return Effect.fail({ tag: "NoSuchCall", text: call })
  const { timeoutMs } = args
  return known(args, places).pipe(
    Effect.catchDefect((defect) => Effect.fail({ tag: "Defect", text: String(defect) })),
    asLibcni(typeof timeoutMs === "number" ? timeoutMs : undefined)
  )
}

const invocations = Effect.fnUntraced(function*(fixture: Fixture, { runs }: Places) {
  const inMemory = yield* (yield* PluginInvocations).all
  return inMemory.length === 0
    ? readInvocations(runs, Object.keys(fixture.plugins))
    : inMemory.map((asked, index): Invocation => ({
      plugin: asked.plugin,
      command: asked.command,
      env: asked.environment,
      stdin: readsStdin(fixture, inMemory.slice(0, index), asked) ? parseJson(asked.stdin) : null
    }))
})

type Run = Pick<Invocation, "plugin" | "command">

/** What a plugin answers to a run, after those before it; nothing where it is not scripted. */
export const replyTo = ({ plugins }: Fixture, earlier: ReadonlyArray<Run>, { command, plugin }: Run) => {
  const replies = plugins[plugin]?.[command] ?? plugins[plugin]?.["*"] ?? []
  const run = earlier.filter((one) => one.plugin === plugin && one.command === command).length
  return replies[Math.min(run, replies.length - 1)]
}

const readsStdin = (fixture: Fixture, earlier: ReadonlyArray<Run>, run: Run): boolean =>
  replyTo(fixture, earlier, run)?.readStdin !== false
