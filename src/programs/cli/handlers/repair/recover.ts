/** Cleans up after runtimes that died. */
import type { Found, Recovery } from "../../../../domain/Outcomes.ts"
import { AttachmentJournal } from "../../../../services/attachment/AttachmentJournal.ts"
import { ScratchNamespaces, type Swept } from "../../../../services/network/ScratchNamespaces.ts"
import * as Recover from "../../../recover.ts"
import { handler, operatingInNamespaces } from "../../call/handler.ts"
import { errorToJson } from "../../failure/envelope.ts"
import { abandonOf, recoverOf, toRun } from "../../failure/suggestedCommands.ts"
import type { Directories } from "../../flags.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"

export const run = handler("recover", operatingInNamespaces, function*(_: object, call) {
  yield* call.leaves(`what was not recovered yet is as it was; to go on: ${recoverOf(call)}`)
  const recovery = yield* Recover.recover
  // A later attempt to detach still needs its namespace.
  const { entries } = yield* (yield* AttachmentJournal).list()
  const swept = yield* (yield* ScratchNamespaces).sweep(new Set(entries.map(({ netns }) => netns)))
  const failures = [...recovery.failing, ...recovery.damaged, ...swept.failing]
  return {
    status: failures.length === 0 ? 0 : 1,
    text: textOfLines(linesOf(recovery, swept, call).map(escapeControls)),
    result: {
      recovered: recovery.recovered.map((found) => ({ ...found })),
      live: recovery.live.map((found) => ({ ...found })),
      namespaces: swept.removed,
      failing: failures.map(errorToJson)
    }
  }
})

const linesOf = (
  { damaged, failing, live, recovered }: Recovery,
  swept: Swept,
  directories: Directories
): ReadonlyArray<string> => {
  const done = [
    ...recovered.map((found) => `recovered  ${nameOf(found)}, which was ${stateOf(found)}`),
    ...swept.removed.map((name) => `removed    namespace ${name}`)
  ]
  const failed = [
    ...[...failing, ...swept.failing].map(({ message }) => `failed     ${message}`),
    ...failing.flatMap((key) => toRun("to forget it, when that can never succeed", abandonOf(key, directories)))
      .map((text) => `           ${text}`),
    ...damaged.map(({ message }) => `unreadable ${message}`)
  ]
  return [
    ...done,
    ...live.map((found) => `left alone ${nameOf(found)}, which is ${liveStates[found.state]}`),
    ...failed,
    ...(done.length + failed.length === 0 ? ["nothing was left by runtimes that died"] : [])
  ]
}

const nameOf = ({ containerId, ifName, network }: Found): string => `${containerId}:${ifName} on ${network}`

const stateOf = ({ ofEarlierBoot, state }: Found): string =>
  ofEarlierBoot ? `${liveStates[state]} when the host was shut down: it is of an earlier boot` : deadStates[state]

const deadStates: Readonly<Record<Found["state"], string>> = {
  adding: "half attached",
  attached: "attached for a process that has ended",
  deleting: "half detached",
  failed: "not to be deleted before"
}

const liveStates: Readonly<Record<Found["state"], string>> = {
  adding: "being attached",
  attached: "attached",
  deleting: "being detached",
  failed: "being deleted"
}
