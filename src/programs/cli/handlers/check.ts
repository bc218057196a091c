/** Checks. */
import * as Effect from "effect/Effect"
import { checkNetworkList } from "../../checkNetworkList.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { worded } from "../internal/failure.ts"
import type { Settings } from "../internal/settings.ts"
import { loadTarget, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "check",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings) {
    const checking = Effect.gen(function*() {
      const { conf, network } = yield* loadTarget("check", input, settings)
      yield* checkNetworkList(network, conf).pipe(worded("checkNetworkList", network))
    })
    yield* Effect.provide(checking, yield* operating(settings))
    return { result: null }
  })
)
