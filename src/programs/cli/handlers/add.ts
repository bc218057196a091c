/** Attaches. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type { RuntimeConf } from "../../../domain/attachment/RuntimeConf.ts"
import * as ResultText from "../../../domain/result/ResultText.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { addNetworkList } from "../../addNetworkList.ts"
import { commanding, type Leaving, operating } from "../internal/commanding.ts"
import { type Directories, recoverOf } from "../internal/commands.ts"
import { worded } from "../internal/failure.ts"
import type { Settings } from "../internal/settings.ts"
import { loadTarget, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "add",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings, leaving: Leaving) {
    const attaching = Effect.gen(function*() {
      const { conf, network } = yield* loadTarget("add", input, settings)
      return yield* addNetworkList(network, conf).pipe(
        worded("addNetworkList", network),
        Effect.onInterrupt(() =>
          Effect.flatMap(whatIsLeft(network.name, conf, settings), (left) => Ref.set(leaving, left))
        )
      )
    })
    const result = yield* Effect.provide(attaching, yield* operating(settings))
    return { result: result.json, text: ResultText.print(result) }
  })
)

// The journal knows: what an undo could not delete stays in it.
const whatIsLeft = Effect.fnUntraced(function*(
  network: string,
  { containerId, ifName }: RuntimeConf,
  directories: Directories
) {
  const journal = yield* AttachmentJournal
  const entry = yield* Effect.result(journal.get({ network, containerId, ifName }))
  return entry._tag === "Success" && Option.isNone(entry.success)
    ? "what its plugins had done is undone, nothing is attached"
    : `not all of what its plugins had done could be undone; when they work again:\n  ${recoverOf(directories)}`
})
