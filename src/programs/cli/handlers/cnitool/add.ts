/** Attaches a namespace to a network. */
import * as Effect from "effect/Effect"
import * as ResultText from "../../../../domain/result/ResultText.ts"
import { addNetworkList } from "../../../addNetworkList.ts"
import { handler, operating } from "../../call/handler.ts"
import { inLibcniWords } from "../../failure/failure.ts"
import { recoverOf } from "../../failure/suggestedCommands.ts"
import { type AttachmentArgs, isDetached, loadAttachment } from "./attachmentArgs.ts"

export const run = handler("add", operating, function*(input: AttachmentArgs, call) {
  const { conf, network } = yield* loadAttachment("add", input, call)
  const result = yield* addNetworkList(network, conf).pipe(
    inLibcniWords("addNetworkList", network),
    Effect.onInterrupt(() =>
      Effect.flatMap(isDetached({ ...conf, network: network.name }), (isUndone) =>
        call.leaves(
          isUndone
            ? "what its plugins had done is undone, nothing is attached"
            : `not all of what its plugins had done could be undone; when they work again:\n  ${recoverOf(call)}`
        ))
    )
  )
  return { result: result.json, text: ResultText.print(result) }
})
