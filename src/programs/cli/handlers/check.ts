/** Checks. */
import * as Effect from "effect/Effect"
import { checkNetworkList } from "../../checkNetworkList.ts"
import { type Answer, commanding, operating } from "../internal/commanding.ts"
import { worded } from "../internal/failure.ts"
import { remark } from "../internal/remark.ts"
import type { Settings } from "../internal/settings.ts"
import { loadTarget, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "check",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings) {
    const checking = Effect.gen(function*() {
      const { conf, network } = yield* loadTarget("check", input, settings)
      yield* checkNetworkList(network, conf).pipe(worded("checkNetworkList", network))
      if (!network.disableCheck) return { result: null } satisfies Answer
      const { name } = network
      yield* remark(`check does nothing on network "${name}": its configuration has disableCheck`, settings)
      return { result: { done: false, reason: "disableCheck" } } satisfies Answer
    })
    return yield* Effect.provide(checking, yield* operating(settings))
  })
)
