/** What a chain of no-op plugins takes, counted. */
import * as Effect from "effect/Effect"
import { startPeer } from "../peer.ts"
import type { Setup } from "../protocol.ts"
import { noContainers, noopSetup, type World } from "../world.ts"

const plugins = 3
const chains = 100

export interface Counted {
  readonly processes: number
  readonly minorFaults: number
  readonly descriptors: number
}

/** Processes per ADD and DEL, page faults per plugin run, and descriptors that are left, one chain after the other. */
export const countRunning = Effect.fnUntraced(function*(world: World, exec: Setup["exec"]) {
  const [node = "", subject = ""] = world.programs.ours
  // A namespace of its own counts no other processes. A young generation that does not grow takes no new pages: this is a
  // counter, which no figure of the report comes from.
  const alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const command = [...alone, node, "--max-semi-space-size=1", subject]
  const peer = yield* startPeer(command, { ...noopSetup(world), exec })
  const work = peer.ask({ op: "chains", verbs: ["ADD", "DEL"], containers: noContainers(world, chains), atATime: 1 })
  yield* Effect.repeat(work, { times: 3 })
  const before = yield* peer.ask({ op: "state" })
  yield* work
  const after = yield* peer.ask({ op: "state" })
  const grown = (name: "lastPid" | "minorFaults") => (after.counters?.[name] ?? 0) - (before.counters?.[name] ?? 0)
  return {
    processes: grown("lastPid") / chains,
    minorFaults: grown("minorFaults") / (chains * plugins * 2),
    descriptors: after.descriptors - before.descriptors
  } satisfies Counted
})
