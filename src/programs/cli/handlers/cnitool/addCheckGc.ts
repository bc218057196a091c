/** Attaches a namespace to a network, checks an attachment, and deletes the attachments that are no longer in use. */
import * as Effect from "effect/Effect"
import { NoKeepSet, UsageError } from "../../../../domain/errors/CommandError.ts"
import * as ResultText from "../../../../domain/result/ResultText.ts"
import type { GcAttachment } from "../../../../domain/VerbOutcomes.ts"
import { addNetworkList } from "../../../addNetworkList.ts"
import { checkNetworkList } from "../../../checkNetworkList.ts"
import { gcNetworkList, planGc } from "../../../gcNetworkList.ts"
import { handler, operating, remark } from "../../call/handler.ts"
import { inLibcniWords } from "../../failure/failure.ts"
import { recoverOf } from "../../failure/suggestedCommands.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"
import { type AttachmentArgs, isDetached, loadAttachment, loadNetwork } from "./attachmentArgs.ts"

export const add = handler("add", operating, function*(input: AttachmentArgs, call) {
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

export const check = handler("check", operating, function*(input: AttachmentArgs, call) {
  const { conf, network } = yield* loadAttachment("check", input, call)
  yield* checkNetworkList(network, conf).pipe(inLibcniWords("checkNetworkList", network))
  if (!network.disableCheck) return { result: null }
  yield* remark(`check does nothing on network "${network.name}": its configuration has disableCheck`, call)
  return { result: { done: false, reason: "disableCheck" } }
})

export interface GcArgs {
  readonly network: string
  readonly keep: ReadonlyArray<GcAttachment>
  readonly all: boolean
  readonly dryRun: boolean
}

export const gc = handler("gc", operating, function*({ all, dryRun, keep, network: name }: GcArgs, call) {
  if (all && keep.length > 0) return yield* contradiction
  const network = yield* loadNetwork(name)
  if (network.disableGC) {
    yield* remark(`gc does nothing on network "${name}": its configuration has disableGC. Nothing was deleted`, call)
    return { result: { done: false, reason: "disableGC" } }
  }
  const isTold = all || keep.length > 0
  if (isTold && !dryRun) {
    yield* call.leaves("some of it may not have been deleted: run the same command again")
    yield* gcNetworkList(network, { keep })
    return { result: null }
  }
  const plan = yield* planGc(network, { keep })
  const stale = plan.stale.map(({ containerId, ifName }) => ({ containerId, ifName }))
  if (!isTold) return yield* new NoKeepSet({ network: name, stale })
  const lines = stale.map(({ containerId, ifName }) => `would delete ${escapeControls(`${containerId}:${ifName}`)}`)
  return { result: { stale }, text: textOfLines(lines.length === 0 ? ["would delete nothing"] : lines) }
})

const contradiction = new UsageError({
  problems: ["--all keeps nothing, so there can be no --keep beside it"],
  usage: "effect-cni gc NETWORK (--keep ID:IFNAME … | --all) [--dry-run]"
})
