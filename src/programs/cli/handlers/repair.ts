/** Cleans up: finishes what runtimes that died have left, or forgets an attachment that can never be deleted. */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import type { AttachmentKey } from "../../../domain/attachment/AttachmentKey.ts"
import { NotConfirmed } from "../../../domain/errors/CommandError.ts"
import type { Abandoned, Found, GcAttachment, Recovery } from "../../../domain/VerbOutcomes.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { ScratchNamespaces, type Swept } from "../../../services/network/ScratchNamespaces.ts"
import * as Abandon from "../../abandon.ts"
import * as Recover from "../../recover.ts"
import { handler, operating, operatingInNamespaces } from "../call/handler.ts"
import { errorToJson } from "../failure/envelope.ts"
import { abandonOf, recoverOf, toRun } from "../failure/suggestedCommands.ts"
import type { Directories } from "../flags.ts"
import { escapeControls, textOfLines } from "../text/text.ts"

export interface AbandonArgs {
  readonly network: string
  readonly attachment: GcAttachment
  readonly yes: boolean
}

export const abandon = handler("abandon", operating, function*({ attachment, network, yes }: AbandonArgs, call) {
  const key = { network, ...attachment }
  if (!yes) yield* call.withTerminal(confirm(yield* Abandon.planAbandon(key), call.json))
  // The answer says what may be left, so no warning has to.
  const lost = yield* Effect.provideService(Abandon.abandon(key), References.MinimumLogLevel, "Error")
  return {
    result: { ...lost, interfaces: lost.interfaces.map((one) => ({ ...one })) },
    text: textOfLines([`abandoned ${nameOf(lost)}`, ...lossLines(lost)])
  }
})

const confirm = Effect.fnUntraced(function*(lost: Abandoned, isJson: boolean) {
  const output = yield* CommandOutput
  const refused = new NotConfirmed({ what: `to abandon ${nameOf(lost)}`, flag: "--yes" })
  const stdio = yield* Stdio.Stdio
  const canAsk = (yield* stdio.stdinIsTerminal) && (yield* output.stdout).isTerminal && !isJson
  if (!isJson) yield* output.complain(textOfLines(lossLines(lost)))
  if (!canAsk) return yield* refused
  const question = Prompt.Confirm({ message: `Forget ${nameOf(lost)}, and leave there what may be left?` })
  if (!(yield* Effect.mapError(Prompt.run(question), () => refused))) return yield* refused
})

const lossLines = ({ addresses, interfaces, plugins }: Abandoned): ReadonlyArray<string> => [
  "no plugin is asked to delete it, and this may be left:",
  `  addresses   ${joined(addresses, "none that is known")}`,
  `  interfaces  ${joined(interfaces.map(nameIn), "none that is there")}`,
  `  made by     ${joined(plugins, "not known")}`
]

const nameIn = ({ name, sandbox }: Abandoned["interfaces"][number]): string =>
  sandbox === "" ? name : `${name} in ${sandbox}`

const joined = (texts: ReadonlyArray<string>, otherwise: string): string =>
  texts.length === 0 ? otherwise : escapeControls(texts.join(", "))

export const recover = handler("recover", operatingInNamespaces, function*(_: object, call) {
  yield* call.leaves(`what was not recovered yet is as it was; to go on: ${recoverOf(call)}`)
  const recovery = yield* Recover.recover
  // A later attempt to detach still needs its namespace.
  const { entries } = yield* (yield* AttachmentJournal).list()
  const swept = yield* (yield* ScratchNamespaces).sweep(new Set(entries.map(({ netns }) => netns)))
  const failures = [...recovery.failing, ...recovery.damaged, ...swept.failing]
  return {
    status: failures.length === 0 ? 0 : 1,
    text: textOfLines(recoveryLines(recovery, swept, call).map(escapeControls)),
    result: {
      recovered: recovery.recovered.map((found) => ({ ...found })),
      live: recovery.live.map((found) => ({ ...found })),
      namespaces: swept.removed,
      failing: failures.map(errorToJson)
    }
  }
})

const recoveryLines = (
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

const nameOf = ({ containerId, ifName, network }: AttachmentKey): string => `${containerId}:${ifName} on ${network}`

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
