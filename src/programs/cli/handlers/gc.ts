/** Deletes what is no longer in use, and only that. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { NoKeepSet, UsageError } from "../../../domain/errors/CommandError.ts"
import type { Json } from "../../../domain/json/Json.ts"
import { gcNetworkList } from "../../gcNetworkList.ts"
import { type GcAttachment, planGc, type Stale } from "../../gcNetworkList.ts"
import { type Answer, commanding, type Leaving, operating } from "../internal/commanding.ts"
import { harmless } from "../internal/harmless.ts"
import { remark } from "../internal/remark.ts"
import type { Settings } from "../internal/settings.ts"
import { loadNetwork, type TargetInput } from "../internal/target.ts"

/** What it is told. */
export interface GcInput extends TargetInput {
  readonly keep: ReadonlyArray<GcAttachment>
  readonly all: boolean
  readonly dryRun: boolean
}

export const run = commanding(
  "gc",
  Effect.fnUntraced(function*(input: GcInput, settings: Settings, leaving: Leaving) {
    if (input.all && input.keep.length > 0) return yield* contradiction
    const collecting = Effect.gen(function*() {
      const network = yield* loadNetwork(input.network)
      return network.disableGC ? yield* switchedOff(network, settings) : yield* collect(network, input, leaving)
    })
    return yield* Effect.provide(collecting, yield* operating(settings))
  })
)

const switchedOff = ({ name }: NetworkConfigList, settings: Settings) =>
  Effect.as(
    remark(`gc does nothing on network "${name}": its configuration has disableGC. Nothing was deleted`, settings),
    { result: { done: false, reason: "disableGC" } } satisfies Answer
  )

const contradiction = new UsageError({
  problems: ["--all keeps nothing, so there can be no --keep beside it"],
  usage: "effect-cni gc NETWORK (--keep ID:IFNAME … | --all) [--dry-run]"
})

const collect = Effect.fnUntraced(
  function*(network: NetworkConfigList, { all, dryRun, keep }: GcInput, leaving: Leaving) {
    const isTold = all || keep.length > 0
    if (isTold && !dryRun) {
      yield* Ref.set(leaving, "some of it may not have been deleted: run the same command again")
      yield* gcNetworkList(network, { keep: all ? [] : keep })
      return { result: null } satisfies Answer
    }
    const { stale } = yield* planGc(network, { keep })
    const named = stale.map(({ containerId, ifName }) => ({ containerId, ifName }))
    return isTold ? plan(stale) : yield* new NoKeepSet({ network: network.name, stale: named })
  }
)

const plan = (stale: ReadonlyArray<Stale>): Answer => {
  const result: Json = { stale: stale.map(({ containerId, ifName }) => ({ containerId, ifName })) }
  const lines = stale.map(({ containerId, ifName }) => `would delete ${harmless(`${containerId}:${ifName}`)}\n`)
  return { result, text: lines.length === 0 ? "would delete nothing\n" : lines.join("") }
}
