/** Cleaning up after containers that are gone. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Peer } from "../peer.ts"
import type { Container } from "../protocol.ts"
import { type Group, noContainers, noopSetup, ours, type Side, theirs } from "../world.ts"
import { comparing } from "./comparing.ts"

/** How long a GC of so many stale attachments takes; they are made outside of the time. */
export const collections = (
  peer: Effect.Effect<Peer, never, Scope.Scope>,
  containers: ReadonlyArray<Container>
): Side =>
  Effect.map(peer, (peer) => {
    const sampleOf = Effect.fnUntraced(function*(containers: ReadonlyArray<Container>) {
      yield* peer.ask({ op: "chains", verbs: ["ADD"], containers, atATime: 8 })
      const { wall } = yield* peer.ask({ op: "gc", containers })
      const { found } = yield* peer.ask({ op: "list", containerId: "" })
      if (found > 0) return yield* Effect.die(new Error(`GC left ${found} attachments`))
      return wall
    })
    return { peer, sample: sampleOf(containers), warmUp: sampleOf(containers.slice(0, 8)) }
  })

export const gcWaiting: Group = comparing([{ name: "gc-waiting", ours: "ours", theirs: "libcni" }], (world) => {
  const containers = noContainers(world, world.isQuick ? 24 : 200)
  const setup = () => ({ ...noopSetup(world), pluginPath: world.programs.waiting })
  return Effect.succeed({
    libcni: collections(theirs(world, setup()), containers),
    ours: collections(ours(world, setup()), containers)
  })
}, ({ rounds }) => Math.min(rounds, 5))
