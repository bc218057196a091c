/** Asks for the status. */
import * as Effect from "effect/Effect"
import { getStatusNetworkList } from "../../getStatusNetworkList.ts"
import { asking, commanding } from "../internal/commanding.ts"
import type { Settings } from "../internal/settings.ts"
import { loadNetwork, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "status",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings) {
    const telling = Effect.flatMap(loadNetwork(input.network), getStatusNetworkList)
    yield* Effect.provide(telling, yield* asking(settings))
    return { result: null }
  })
)
