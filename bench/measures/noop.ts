/** Chains of plugins that do nothing: what the runtimes themselves take. */
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
import { chains } from "./chains.ts"
import { comparing, type Comparison, often } from "./comparing.ts"

const vsLibcni = (name: string): Comparison => ({ name, ours: name, theirs: "libcni" })

const sidesIn = (world: World, atATime: number, count = countIn(world, atATime), others = 0) => {
  const batch = {
    verbs: ["ADD", "DEL"],
    containers: noContainers(world, count),
    atATime
  } as const
  // Enough for most of the code to be compiled: runtimes live for days.
  const warmUp = (ms: number) => ({ ...batch, warmUpMs: world.isQuick ? 700 : ms })
  return {
    ourSide: (changes: Partial<Setup>) => {
      const isLongest = changes.exec === "posix_spawn" && changes.compat !== "bare"
      const peer = among(world, others, ours(world, { ...noopSetup(world), ...changes }))
      return chains(peer, warmUp(isLongest ? 30_000 : 10_000))
    },
    libcni: chains(among(world, others, theirs(world, noopSetup(world))), warmUp(10_000))
  }
}

/** A side that has attached so many containers, which stay. */
const among = (world: World, count: number, peer: Effect.Effect<Peer, never, Scope.Scope>) => {
  const containers = noContainers(world, count).map((container) => ({ ...container, id: `other-${container.id}` }))
  return count === 0
    ? peer
    : Effect.tap(peer, ({ ask }) => Effect.orDie(ask({ op: "chains", verbs: ["ADD"], containers, atATime: 8 })))
}

const countIn = ({ isQuick }: World, atATime: number): number => isQuick ? Math.max(16, atATime) : 160

const oneAtATime = comparing(
  [
    "noop-1-posix",
    "noop-1-spawn",
    "noop-1-posix-libcni",
    "noop-1-posix-bare",
    "noop-1-spawn-bare",
    "noop-1-limit"
  ].map(vsLibcni),
  (world) => {
    const { libcni, ourSide } = sidesIn(world, 1)
    return Effect.succeed({
      libcni,
      "noop-1-posix": ourSide({ exec: "posix_spawn" }),
      "noop-1-posix-libcni": ourSide({ exec: "posix_spawn", compat: "libcni" }),
      "noop-1-spawn": ourSide({ exec: "spawn" }),
      "noop-1-posix-bare": ourSide({ exec: "posix_spawn", compat: "bare" }),
      "noop-1-spawn-bare": ourSide({ exec: "spawn", compat: "bare" }),
      "noop-1-limit": spawnLoop(world)
    })
  },
  often
)

/** With caches where temporary files are, instead of a file system that was made for them. */
const onTheMachinesOwn = comparing(
  [{ name: "noop-32-posix-tmp", ours: "noop-32-posix-tmp", theirs: "libcni" }],
  (world) => {
    const { libcni, ourSide } = sidesIn({ ...world, caches: world.directory }, 32)
    return Effect.succeed({ libcni, "noop-32-posix-tmp": ourSide({ exec: "posix_spawn" }) })
  },
  often
)

const manyAtATime = (atATime: number) =>
  comparing(
    ["posix", "spawn", "posix-bare", "spawn-bare"].map((way) => vsLibcni(`noop-${atATime}-${way}`)),
    (world) => {
      const { libcni, ourSide } = sidesIn(world, atATime)
      return Effect.succeed({
        libcni,
        [`noop-${atATime}-posix`]: ourSide({ exec: "posix_spawn" }),
        [`noop-${atATime}-posix-bare`]: ourSide({ exec: "posix_spawn", compat: "bare" }),
        [`noop-${atATime}-spawn-bare`]: ourSide({ exec: "spawn", compat: "bare" }),
        [`noop-${atATime}-spawn`]: ourSide({ exec: "spawn" })
      })
    },
    often
  )

const amongOthers = comparing(
  [vsLibcni("noop-1-posix-1000")],
  (world) => {
    const { libcni, ourSide } = sidesIn(world, 1, countIn(world, 1), 1000)
    return Effect.succeed({ libcni, "noop-1-posix-1000": ourSide({ exec: "posix_spawn" }) })
  },
  often
)

const largeHost = (exec: Setup["exec"], name: string, chainsIn: (world: World) => number) =>
  comparing([vsLibcni(name)], (world) => {
    const { libcni, ourSide } = sidesIn(world, 1, chainsIn(world))
    return Effect.succeed({ libcni, [name]: ourSide({ exec, hostMb: 500 }) })
  })

const largeHosts = [
  largeHost("posix_spawn", "noop-500mb-posix", (world) => countIn(world, 1)),
  // Each takes a tenth of a second.
  largeHost("spawn", "noop-500mb-spawn", ({ isQuick }) => isQuick ? 8 : 40)
]

const spawnLoop = (world: World): Side => {
  const [plugin = ""] = pluginTypes
  const { noop, spawnLoop } = world.programs
  const sample = Effect.callback<string, PeerFailed>((resume) => {
    ChildProcess.execFile(spawnLoop, [Path.join(noop, plugin), String(countIn(world, 1))], (error, stdout) => {
      resume(error === null ? Effect.succeed(stdout) : new PeerFailed({ command: spawnLoop, stderr: error.message }))
    })
  }).pipe(Effect.map((text) => median(readTimes(text))))
  return Effect.succeed({ sample, warmUp: sample })
}

const readTimes = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Finite)))

/** The longest delay of our event loop in a batch. */
const delay = comparing([{ name: "delay-noop-32", ours: "ours" }], (world) => {
  const ask = {
    op: "chains",
    verbs: ["ADD", "DEL"],
    containers: noContainers(world, countIn(world, 32)),
    atATime: 32
  } as const
  const side = Effect.map(ours(world, noopSetup(world)), (peer) => {
    const sample = Effect.map(peer.ask(ask), ({ delay }) => delay)
    return { peer, sample, warmUp: Effect.repeat(sample, { times: 1 }) }
  })
  return Effect.succeed({ ours: side })
})

export const noop: ReadonlyArray<Group> = [
  oneAtATime,
  manyAtATime(8),
  manyAtATime(32),
  onTheMachinesOwn,
  amongOthers,
  ...largeHosts,
  delay
]
