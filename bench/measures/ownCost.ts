/**
 * What a chain of three plugins that do nothing takes beyond a loop in C that starts the same plugins: the cost of the
 * runtime itself.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { pluginTypes } from "../build.ts"
import { type Peer, PeerFailed } from "../peer.ts"
import type { Setup } from "../protocol.ts"
import { median } from "../rounds.ts"
import { type Group, noContainers, noopSetup, ours, type Side, theirs, type World } from "../world.ts"
import { chains, warmUpMs } from "./chains.ts"
import { comparing, type Comparison, often } from "./comparing.ts"

const verbs = ["ADD", "DEL"] as const

const beyondTheLoop = (name: string): Comparison => ({ name, ours: name, theirs: "libcni", beyond: "loop" })

/** What the loop in C takes for so many chains, each of which it reports. */
const loop = (world: World, count: number, figureOf: (each: ReadonlyArray<number>) => number): Side => {
  const [plugin = ""] = pluginTypes
  const { noop, spawnLoop } = world.programs
  const sample = Effect.callback<string, PeerFailed>((resume) => {
    ChildProcess.execFile(spawnLoop, [Path.join(noop, plugin), String(count)], (error, stdout) => {
      resume(error === null ? Effect.succeed(stdout) : new PeerFailed({ command: spawnLoop, stderr: error.message }))
    })
  }).pipe(Effect.map((text) => figureOf(readTimes(text))))
  return Effect.succeed({ sample, warmUp: Effect.void })
}

const readTimes = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Finite)))

const mean = (figures: ReadonlyArray<number>): number => figures.reduce((sum, one) => sum + one, 0) / figures.length

/** A new process in each round: its first chains, without a warm-up. */
const firstChains = (world: World, count: number, start: (setup: Setup) => Effect.Effect<Peer, never, Scope.Scope>) => {
  const work = { op: "chains", verbs, containers: noContainers(world, count), atATime: 1 } as const
  const sample = Effect.suspend(() => start(noopSetup(world))).pipe(
    Effect.flatMap(({ ask }) => ask(work)),
    Effect.scoped,
    Effect.map(({ each }) => mean(each))
  )
  return Effect.succeed({ sample, warmUp: Effect.void }) satisfies Side
}

const cold = comparing([beyondTheLoop("own-cost-cold")], (world) => {
  const count = 100
  return Effect.succeed({
    loop: loop(world, count, mean),
    libcni: firstChains(world, count, (setup) => theirs(world, setup)),
    "own-cost-cold": firstChains(world, count, (setup) => ours(world, setup))
  })
}, often)

const countIn = ({ isQuick }: World): number => isQuick ? 16 : 160

/** Sides whose processes go on for the whole measure. */
const warmSides = (world: World, count = countIn(world), others = 0) => {
  const batch = { verbs, containers: noContainers(world, count), atATime: 1, warmUpMs: warmUpMs(world) }
  return {
    loop: loop(world, count, median),
    libcni: chains(among(world, others, theirs(world, noopSetup(world))), batch),
    ourSide: (changes: Partial<Setup> = {}) =>
      chains(among(world, others, ours(world, { ...noopSetup(world), ...changes })), batch)
  }
}

/** A side that has attached so many containers, which stay. */
const among = (world: World, count: number, peer: Effect.Effect<Peer, never, Scope.Scope>) => {
  const containers = noContainers(world, count).map((container) => ({ ...container, id: `other-${container.id}` }))
  return count === 0
    ? peer
    : Effect.tap(peer, ({ ask }) => Effect.orDie(ask({ op: "chains", verbs: ["ADD"], containers, atATime: 8 })))
}

const warm = comparing(["own-cost-warm", "own-cost-fork"].map(beyondTheLoop), (world) => {
  const { libcni, loop, ourSide } = warmSides(world)
  return Effect.succeed({
    loop,
    libcni,
    "own-cost-warm": ourSide(),
    "own-cost-fork": ourSide({ exec: "spawn" })
  })
}, often)

const amongOthers = comparing([beyondTheLoop("own-cost-among-1000")], (world) => {
  const { libcni, loop, ourSide } = warmSides(world, countIn(world), 1000)
  return Effect.succeed({ loop, libcni, "own-cost-among-1000": ourSide() })
}, often)

const largeHost = comparing(["own-cost-500mb", "own-cost-500mb-fork"].map(beyondTheLoop), (world) => {
  // A chain of forks of such a process takes a tenth of a second.
  const { libcni, loop, ourSide } = warmSides(world, world.isQuick ? 8 : 40)
  return Effect.succeed({
    loop,
    libcni,
    "own-cost-500mb": ourSide({ hostMb: 500 }),
    "own-cost-500mb-fork": ourSide({ hostMb: 500, exec: "spawn" })
  })
})

export const ownCost: ReadonlyArray<Group> = [cold, warm, amongOthers, largeHost]
