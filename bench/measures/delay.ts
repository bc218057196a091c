/** How long many chains at a time keep our event loop from its timers. */
import * as Effect from "effect/Effect"
import { type Group, noContainers, noopSetup, ours } from "../world.ts"
import { comparing } from "./comparing.ts"

/** The longest delay in a batch of chains. */
export const delay: Group = comparing([{ name: "delay-noop-32", ours: "ours" }], (world) => {
  const containers = noContainers(world, world.isQuick ? 32 : 160)
  const ask = { op: "chains", verbs: ["ADD", "DEL"], containers, atATime: 32 } as const
  const side = Effect.map(ours(world, noopSetup(world)), (peer) => {
    const sample = Effect.map(peer.ask(ask), ({ delay }) => delay)
    return { peer, sample, warmUp: Effect.repeat(sample, { times: 1 }) }
  })
  return Effect.succeed({ ours: side })
})
