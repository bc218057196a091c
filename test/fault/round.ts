/** One kill: a driver runs and dies, the host is recovered, and everything is looked at. */
import { AttachmentKey, JournalEntry } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Path from "node:path"
import type { Arena } from "./arena.ts"
import { fates, readChronicle } from "./chronicle.ts"
import { type Dice, diceOf } from "./dice.ts"
import { pluginsWith } from "./leftovers.ts"
import { type Plan, writePlan } from "./plan.ts"
import type { Crew, Ended } from "./processes.ts"
import { problemsOf, recoverAll, recoverBadly, recoverBeside } from "./recovering.ts"
import { type Aim, weightsFor } from "./seams.ts"
import { readStored } from "./stored.ts"

/** Which one of all: enough to start the same again. */
export interface RoundId {
  readonly seed: number
  readonly lane: string
  readonly round: number
  readonly aim: Aim | null
}

/** What a kill hit, and what came of it. */
export interface Round extends RoundId {
  /** Whether the driver died where it was told to. */
  readonly isHit: boolean
  /** How many drivers were killed; there is a recovery after the last. */
  readonly drivers: number
  /** The plugins that were running when it died, and what they had started, by command. */
  readonly running: ReadonlyArray<string>
  /** The states in the journal when it died. */
  readonly states: ReadonlyArray<string>
  readonly recoveries: number
  readonly recovered: number
  readonly seconds: { readonly driver: number; readonly recovery: number }
  readonly live: ReadonlyArray<AttachmentKey.AttachmentKey>
  readonly problems: ReadonlyArray<string>
}

type Keys = ReadonlyArray<AttachmentKey.AttachmentKey>

/** Kills once. `live` is what is attached before. */
export const runRound = Effect.fnUntraced(function*(
  id: RoundId,
  arena: Arena,
  live: Keys,
  crew: Crew
): Effect.fn.Return<Round> {
  const { aim, lane, round, seed } = id
  const { cacheDir, directory, pluginPaths } = arena.plan
  const dice = diceOf(seed, lane, round, "parent")
  const chronicle = Path.join(directory, `chronicle-${round}`)
  arena.prepare()
  const kill = Effect.fnUntraced(function*(name: string, known: Keys, target: Aim | null) {
    const plan = planOf(id, arena, { name, chronicle, live: known, aim: target })
    const beside = yield* Effect.forkChild(recoverBeside(crew, plan, dice))
    const ended = yield* crew.drive(plan, lifeMs(dice, target))
    return { plan, ended, beside: Fiber.join(beside) }
  })

  const startedAt = performance.now()
  // One that finds a dead one's affairs, and no recovery in between.
  const first = dice.chance(0.25) ? yield* kill(`${lane}-${round}-first`, live, null) : undefined
  const known = first === undefined ? live : attachedIn(cacheDir)
  const { beside, ended, plan } = yield* kill(`${lane}-${round}`, known, aim)
  const diedAt = performance.now()
  const running = pluginsWith(pluginPaths).map((text) => text.split(" ", 1).join(""))
  const states = [...readStored(cacheDir).entries.values()].map(({ state }) => state)
  yield* Effect.andThen(first?.beside ?? Effect.void, beside)
  yield* recoverBadly(crew, plan, dice)
  const recoveries = yield* recoverAll(crew, plan)
  const lines = readChronicle(chronicle)
  const stored = readStored(cacheDir)
  const found = arena.inspect(fates(live, lines), stored)
  const problems = [
    ...[...(first === undefined ? [] : [first.ended]), ended].flatMap(unexpectedEnd),
    ...lines.flatMap((line) => line._tag === "Surprise" ? [line.what] : []),
    ...problemsOf(recoveries.at(-1)),
    ...pluginsWith(pluginPaths).map((text) => `a plugin is still alive: ${text}`),
    ...stored.problems,
    ...found.problems
  ]
  return {
    ...id,
    isHit: lines.some(({ _tag }) => _tag === "Dying"),
    drivers: first === undefined ? 1 : 2,
    running,
    states,
    recoveries: recoveries.length,
    recovered: recoveries.reduce((sum, one) => sum + (typeof one === "string" ? 0 : one.recovered.length), 0),
    seconds: { driver: (diedAt - startedAt) / 1000, recovery: (performance.now() - diedAt) / 1000 },
    live: found.live,
    problems: problems.length === 0 ? [] : [...problems, `recover said ${JSON.stringify(recoveries)}`]
  }
})

const planOf = (
  { lane, round, seed }: RoundId,
  { plan }: Arena,
  { live, name, ...rest }: Pick<Plan, "chronicle" | "aim"> & { readonly name: string; readonly live: Keys }
): string => {
  const file = Path.join(plan.directory, `plan-${lane}-${round}`)
  writePlan(file, {
    ...plan,
    ...rest,
    seed,
    round: name,
    live: live.map(AttachmentKey.of),
    weights: weightsFor(rest.aim)
  })
  return file
}

// An aim that is not reached by then is missed.
const lifeMs = (dice: Dice, aim: Aim | null): number => aim === null ? dice.between(0, 2500) : 8000

// What nobody has to finish or undo.
const attachedIn = (cacheDir: string): Keys => {
  const { entries, records } = readStored(cacheDir)
  return [...entries].flatMap(([name, entry]) =>
    !entry.scoped && JournalEntry.standing(entry, records.get(name)) === "attached" ? [AttachmentKey.of(entry)] : []
  )
}

const unexpectedEnd = ({ code, output, signal }: Ended): ReadonlyArray<string> =>
  signal === "SIGKILL" ? [] : [`the driver ended by itself with ${code}: ${output}`]
