/** Detaches. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { delNetworkList } from "../../delNetworkList.ts"
import { commanding, type Leaving, operating } from "../internal/commanding.ts"
import { worded } from "../internal/failure.ts"
import type { Settings } from "../internal/settings.ts"
import { loadTarget, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "del",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings, leaving: Leaving) {
    const detaching = Effect.gen(function*() {
      const { conf, network } = yield* loadTarget("del", input, settings)
      yield* Ref.set(leaving, "some plugins may not have been asked: run del again")
      yield* delNetworkList(network, conf).pipe(worded("delNetworkList", network))
    })
    yield* Effect.provide(detaching, yield* operating(settings))
    return { result: null }
  })
)
