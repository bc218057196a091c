/** What our process holds after a long time. */
import * as Effect from "effect/Effect"
import type { Peer } from "../peer.ts"
import { median } from "../rounds.ts"
import { type Finding, type Group, noContainers, noopSetup, ours, oursTuned, type World } from "../world.ts"

const segments = 8
const runsPerChain = 6

/** One process, from its warm-up on: what it holds after every segment of the runs. */
const lifeIn = Effect.fnUntraced(function*(world: World, start: typeof ours) {
  const peer = yield* start(world, noopSetup(world))
  const containers = noContainers(world, Math.ceil((world.isQuick ? 3000 : 16_000) / segments / runsPerChain))
  const work = peer.ask({ op: "chains", verbs: ["ADD", "DEL"], containers, atATime: 8 })
  yield* peer.ask({ op: "chains", verbs: ["ADD", "DEL"], containers: containers.slice(0, 8), atATime: 8 })
  const before = (yield* reading(peer)).descriptors
  const readings = yield* Effect.replicateEffect(Effect.andThen(work, reading(peer)), segments)
  const sizes = readings.map(({ rss }) => rss)
  // A garbage collection more or less is in two readings, not in one.
  const around = (index: number) => median(sizes.slice(index - 1, index + 1))
  return {
    rss: around(segments - 1),
    growth: around(segments - 1) - around(segments / 2 - 1),
    descriptors: (readings.at(-1)?.descriptors ?? Number.NaN) - before
  }
})

const reading = Effect.fnUntraced(function*(peer: Peer) {
  const state = Effect.delay(peer.ask({ op: "state" }), "50 millis")
  const states = yield* Effect.replicateEffect(state, 5)
  return { rss: median(states.map(({ rss }) => rss)), descriptors: Math.min(...states.map((one) => one.descriptors)) }
})

const units = { rss: "MB", growth: "MB", descriptors: "" } as const

type Figure = keyof typeof units

/** Every process is a round. */
const lives = (start: typeof ours, figures: Readonly<Record<string, Figure>>): Group => ({
  names: Object.keys(figures),
  run: Effect.fnUntraced(function*(world, wanted) {
    const lives = yield* Effect.replicateEffect(Effect.scoped(lifeIn(world, start)), world.isQuick ? 1 : 3)
    return Object.entries(figures).filter(([name]) => wanted.has(name)).map(([name, figure]): Finding => {
      const rounds = lives.map((life) => life[figure])
      return { name, rounds, ours: median(rounds), unit: units[figure], rss: median(lives.map(({ rss }) => rss)) }
    })
  })
})

export const memory: ReadonlyArray<Group> = [
  lives(ours, { "memory-rss": "rss", "memory-growth": "growth", descriptors: "descriptors" }),
  lives(oursTuned, { "memory-rss-tuned": "rss", "memory-growth-tuned": "growth" })
]
