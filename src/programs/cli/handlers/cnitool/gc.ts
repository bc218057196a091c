/** Deletes the attachments of a network that are no longer in use, and only those. */
import { NoKeepSet, UsageError } from "../../../../domain/errors/CommandError.ts"
import type { GcAttachment } from "../../../../domain/Outcomes.ts"
import { gcNetworkList, planGc } from "../../../gcNetworkList.ts"
import { handler, operating, remark } from "../../call/handler.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"
import { loadNetwork } from "./attachmentArgs.ts"

export interface GcArgs {
  readonly network: string
  readonly keep: ReadonlyArray<GcAttachment>
  readonly all: boolean
  readonly dryRun: boolean
}

export const run = handler("gc", operating, function*({ all, dryRun, keep, network: name }: GcArgs, call) {
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
