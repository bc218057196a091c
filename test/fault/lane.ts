/** Kills one after the other in one place: what is attached after one is there for the next. */
import { type AttachmentKey, Cni } from "effect-cni"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Arena } from "./arena.ts"
import type { Crew } from "./processes.ts"
import { type Round, type RoundId, runRound } from "./round.ts"
import { readStored } from "./stored.ts"

/** A lane. After a failure it goes on in a new arena, so that every failure is one of its own. */
export interface Lane {
  readonly rounds: ReadonlyArray<RoundId>
  readonly arena: Effect.Effect<Arena, never, Scope.Scope>
  readonly crew: Crew
  readonly report: (round: Round, arena: Arena) => void
}

/** Runs all rounds of a lane. */
export const runLane = Effect.fnUntraced(function*(lane: Lane) {
  let left = lane.rounds
  while (left.length > 0) {
    const done = yield* Effect.scoped(Effect.flatMap(lane.arena, (arena) => runIn(arena, { ...lane, rounds: left })))
    left = left.slice(done)
  }
})

const runIn = Effect.fnUntraced(function*(arena: Arena, { crew, report, rounds }: Lane) {
  let live: ReadonlyArray<AttachmentKey.AttachmentKey> = []
  let done = 0
  for (const id of rounds) {
    const round = yield* runRound(id, arena, live, crew)
    live = round.live
    const isLast = ++done === rounds.length
    const problems = isLast && round.problems.length === 0 ? yield* clear(arena, live) : round.problems
    report({ ...round, problems }, arena)
    if (problems.length > 0) break
  }
  return done
})

// Whatever is still attached can be detached.
const clear = Effect.fnUntraced(function*(arena: Arena, live: ReadonlyArray<AttachmentKey.AttachmentKey>) {
  const detachAll = Effect.forEach(live, (key) => Effect.retry(Cni.delAttachment(key), { times: 3 }), {
    concurrency: 5
  })
  arena.prepare()
  const failures = yield* Effect.andThen(detachAll, Cni.recover).pipe(
    Effect.match({ onSuccess: () => [], onFailure: ({ message }) => [`at the end: ${message}`] }),
    Effect.provide(arena.layer)
  )
  const stored = readStored(arena.plan.cacheDir)
  return [...failures, ...stored.problems, ...arena.inspect(new Map(), stored).problems]
})
