/** Listing what is attached. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Peer } from "../peer.ts"
import { type Group, noContainers, noopSetup, ours, type Side, theirs, type World } from "../world.ts"
import { comparing, type Comparison, often } from "./comparing.ts"

/** How long one list takes, or how long it keeps the event loop. */
const lists = (
  peer: Effect.Effect<Peer, never, Scope.Scope>,
  expected: number,
  containerId: string,
  figure: "wall" | "delay" = "wall"
): Side =>
  Effect.map(peer, (peer) => {
    const sample = Effect.gen(function*() {
      const answer = yield* peer.ask({ op: "list", containerId })
      if (answer.found !== expected) return yield* Effect.die(new Error(`listed ${answer.found} of ${expected}`))
      return answer[figure]
    })
    // The same number of records for short and long lists, because what is compiled depends on how often it has run.
    const times = containerId === "" ? Math.ceil(20_000 / expected) : 11
    return { peer, sample, warmUp: Effect.replicateEffect(sample, times) }
  })

/** A cache of so many records: one that libcni has made, and copies of it with other container IDs. */
const filled = Effect.fnUntraced(function*(world: World, count: number) {
  const setup = noopSetup(world)
  const [first, ...others] = noContainers(world, count)
  if (first === undefined) return setup
  const peer = yield* theirs(world, setup)
  yield* Effect.orDie(peer.ask({ op: "chains", verbs: ["ADD"], containers: [first], atATime: 1 }))
  const results = Path.join(setup.cacheDir, "results")
  const fileOf = (id: string) => Path.join(results, `noop-${id}-eth0`)
  const record = Fs.readFileSync(fileOf(first.id), "utf8")
  for (const { id } of others) {
    Fs.writeFileSync(fileOf(id), record.replace(`"containerId":"${first.id}"`, `"containerId":"${id}"`))
  }
  return setup
})

const listing = (count: number, ...more: ReadonlyArray<Comparison>): Group =>
  comparing(
    [{ name: `list-${count}`, ours: "ours", theirs: "libcni" }, ...more],
    (world) =>
      Effect.map(filled(world, count), (setup) => {
        const oneOf = "container-777"
        return {
          libcni: lists(theirs(world, setup), count, ""),
          ours: lists(ours(world, setup), count, ""),
          "libcni filtered": lists(theirs(world, setup), 1, oneOf),
          "ours filtered": lists(ours(world, setup), 1, oneOf),
          delay: lists(ours(world, setup), count, "", "delay")
        }
      }),
    often
  )

export const list: ReadonlyArray<Group> = [
  listing(1000),
  listing(
    10_000,
    { name: "list-filtered-10000", ours: "ours filtered", theirs: "libcni filtered" },
    { name: "delay-list-10000", ours: "delay" }
  )
]
