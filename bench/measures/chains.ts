/** Batches of chains, as a side that can be measured. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Peer } from "../peer.ts"
import type { Container, Request } from "../protocol.ts"
import { median } from "../rounds.ts"
import type { Side, World } from "../world.ts"

/** How long the batches before the first that counts take: V8 compiles what has run some thousand times. */
export const warmUpMs = ({ isQuick }: World): number => isQuick ? 700 : 20_000

export interface Batch {
  readonly verbs: Extract<Request, { readonly op: "chains" }>["verbs"]
  readonly containers: ReadonlyArray<Container>
  readonly atATime: number
  /** Batches go before the first that counts, for so long, and one in any case. */
  readonly warmUpMs: number
}

/** One at a time: the median of what each took. Several: what they took together, divided by how many there were. */
export const chains = (
  peer: Effect.Effect<Peer, never, Scope.Scope>,
  { atATime, containers, verbs, warmUpMs }: Batch
): Side =>
  Effect.map(peer, (peer) => {
    const sample = Effect.map(
      peer.ask({ op: "chains", verbs, containers, atATime }),
      ({ each, wall }) => atATime === 1 ? median(each) : wall / each.length
    )
    const warmUp = Effect.suspend(() => {
      const until = performance.now() + warmUpMs
      return Effect.repeat(sample, { until: () => performance.now() >= until })
    })
    return { peer, sample, warmUp }
  })
