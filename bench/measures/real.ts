/** Chains of the reference plugins, in real network namespaces. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  bridgePlugin,
  configuration,
  missingForRealPlugins,
  referencePlugins,
  scratchContainer,
  scratchNetwork
} from "../../test/integration/support.ts"
import type { Container, Setup } from "../protocol.ts"
import { type Group, newDirectory, ours, theirs, type World, writeFile } from "../world.ts"
import { chains, warmUpMs } from "./chains.ts"
import { comparing, often } from "./comparing.ts"
import { collections } from "./gc.ts"

const plugins = [
  { type: "portmap", snat: true, capabilities: { portMappings: true } },
  { type: "firewall" },
  // Not IFNAME, which CHECK of tuning 1.1.1 does not replace by the interface's name.
  { type: "tuning", sysctl: { "net.ipv4.conf.eth0.log_martians": "1" } }
]

interface Place {
  readonly containers: ReadonlyArray<Container>
  readonly setup: (changes?: Partial<Setup>) => Setup
}

/** A network of the measure's own, with so many namespaces; all goes with the scope. */
const placeIn = Effect.fnUntraced(function*(world: World, count: number): Effect.fn.Return<Place, never, Scope.Scope> {
  const network = yield* scratchNetwork
  const made = yield* Effect.replicateEffect(Effect.suspend(() => scratchContainer(network)), count)
  const text = configuration(network, [bridgePlugin(network), ...plugins])
  const conflist = writeFile(world, `${network.name}.conflist`, text)
  return {
    containers: made.map(({ conf, namespace }) => ({ id: namespace, netns: conf.netns, hostPort: 0 })),
    setup: (changes) => ({
      pluginPath: referencePlugins,
      cacheDir: newDirectory(world),
      conflist,
      exec: "posix_spawn",
      compat: "safe",
      durability: "process",
      hostMb: 0,
      ...changes
    })
  }
})

// Without ports: CHECK of portmap 1.1.1 looks for the IPv6 rules of an IPv4 mapping, and fails.
const verbs = ["ADD", "CHECK", "DEL"] as const

const oneAtATime = comparing([
  { name: "real-1", ours: "ours", theirs: "libcni" },
  { name: "real-1-spawn", ours: "spawn", theirs: "libcni" },
  { name: "safety-real", ours: "ours", theirs: "unsafe" },
  { name: "safety-real-durable", ours: "durable", theirs: "unsafe" }
], (world) =>
  // Small batches, and all the more of them: what the machine does meanwhile is then the same for all.
  Effect.map(placeIn(world, world.isQuick ? 2 : 3), ({ containers, setup }) => {
    const batch = { verbs, containers, atATime: 1, warmUpMs: warmUpMs(world) }
    return {
      libcni: chains(theirs(world, setup()), batch),
      ours: chains(ours(world, setup()), batch),
      spawn: chains(ours(world, setup({ exec: "spawn" })), batch),
      unsafe: chains(ours(world, setup({ compat: "libcni" })), batch),
      durable: chains(ours(world, setup({ durability: "power-loss" })), batch)
    }
  }), (world) => world.isQuick ? world.rounds : 3 * often(world))

const eightAtATime = comparing(
  [{ name: "real-8", ours: "ours", theirs: "libcni" }],
  (world) =>
    Effect.map(placeIn(world, world.isQuick ? 8 : 24), ({ containers, setup }) => {
      const batch = { verbs, containers, atATime: 8, warmUpMs: warmUpMs(world) }
      return {
        libcni: chains(theirs(world, setup()), batch),
        ours: chains(ours(world, setup()), batch)
      }
    }),
  often
)

const gc = comparing(
  [{ name: "gc-real", ours: "ours", theirs: "libcni" }],
  (world) =>
    Effect.map(placeIn(world, world.isQuick ? 4 : 50), ({ containers, setup }) => {
      const published = containers.map((container, index) => ({ ...container, hostPort: 20_000 + index }))
      return {
        libcni: collections(theirs(world, setup()), published),
        ours: collections(ours(world, setup()), published)
      }
    }),
  ({ rounds }) => Math.min(rounds, 5)
)

/** None where the reference plugins are not. */
export const real: ReadonlyArray<Group> = missingForRealPlugins.length > 0 ? [] : [oneAtATime, eightAtATime, gc]
