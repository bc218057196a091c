/** Forgets an attachment, after saying what may be left of it. */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import { NotConfirmed } from "../../../../domain/errors/CommandError.ts"
import type { Abandoned, GcAttachment } from "../../../../domain/Outcomes.ts"
import { CommandOutput } from "../../../../services/command/CommandOutput.ts"
import * as Abandon from "../../../abandon.ts"
import { handler, operating } from "../../call/handler.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"

export interface AbandonArgs {
  readonly network: string
  readonly attachment: GcAttachment
  readonly yes: boolean
}

export const run = handler("abandon", operating, function*({ attachment, network, yes }: AbandonArgs, call) {
  const key = { network, ...attachment }
  if (!yes) yield* call.withTerminal(confirm(yield* Abandon.planAbandon(key), call.json))
  // The answer says what may be left, so no warning has to.
  const lost = yield* Effect.provideService(Abandon.abandon(key), References.MinimumLogLevel, "Error")
  return {
    result: { ...lost, interfaces: lost.interfaces.map((one) => ({ ...one })) },
    text: textOfLines([`abandoned ${nameOf(lost)}`, ...linesOf(lost)])
  }
})

const confirm = Effect.fnUntraced(function*(lost: Abandoned, isJson: boolean) {
  const output = yield* CommandOutput
  const refused = new NotConfirmed({ what: `to abandon ${nameOf(lost)}`, flag: "--yes" })
  const stdio = yield* Stdio.Stdio
  const canAsk = (yield* stdio.stdinIsTerminal) && (yield* output.stdout).isTerminal && !isJson
  if (!isJson) yield* output.complain(textOfLines(linesOf(lost)))
  if (!canAsk) return yield* refused
  const question = Prompt.Confirm({ message: `Forget ${nameOf(lost)}, and leave there what may be left?` })
  if (!(yield* Effect.mapError(Prompt.run(question), () => refused))) return yield* refused
})

const nameOf = ({ containerId, ifName, network }: Abandoned): string => `${containerId}:${ifName} on ${network}`

const linesOf = ({ addresses, interfaces, plugins }: Abandoned): ReadonlyArray<string> => [
  "no plugin is asked to delete it, and this may be left:",
  `  addresses   ${joined(addresses, "none that is known")}`,
  `  interfaces  ${joined(interfaces.map(nameIn), "none that is there")}`,
  `  made by     ${joined(plugins, "not known")}`
]

const nameIn = ({ name, sandbox }: Abandoned["interfaces"][number]): string =>
  sandbox === "" ? name : `${name} in ${sandbox}`

const joined = (texts: ReadonlyArray<string>, otherwise: string): string =>
  texts.length === 0 ? otherwise : escapeControls(texts.join(", "))
