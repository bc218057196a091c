/** Attaches. */
import * as Effect from "effect/Effect"
import * as ResultText from "../../../domain/ResultText.ts"
import { addNetworkList } from "../../addNetworkList.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { worded } from "../internal/failure.ts"
import { loadTarget, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "add",
  Effect.fnUntraced(function*(input: TargetInput, settings) {
    const attaching = Effect.gen(function*() {
      const { conf, network } = yield* loadTarget("add", input, settings)
      return yield* addNetworkList(network, conf).pipe(worded("addNetworkList", network))
    })
    const result = yield* Effect.provide(attaching, yield* operating(settings))
    return { result: result.json, text: ResultText.print(result) }
  }),
  "what the plugins had done is undone, nothing is attached"
)
