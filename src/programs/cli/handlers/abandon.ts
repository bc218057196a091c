/** Gives an attachment up, when whoever asks for it knows what that costs. */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import { NotConfirmed } from "../../../domain/errors/CommandError.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import * as Abandon from "../../abandon.ts"
import type { GcAttachment } from "../../gcNetworkList.ts"
import { aside } from "../internal/aside.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { harmless } from "../internal/harmless.ts"
import type { Settings } from "../internal/settings.ts"

/** What it is told. */
export interface AbandonInput {
  readonly network: string
  readonly attachment: GcAttachment
  readonly yes: boolean
}

export const run = commanding(
  "abandon",
  Effect.fnUntraced(function*({ attachment, network, yes }: AbandonInput, settings: Settings) {
    const key = { network, ...attachment }
    const giving = Effect.gen(function*() {
      if (!yes) yield* aside(settings, agreed(yield* Abandon.planAbandon(key), settings.json))
      // It is said on stdout, so that it needs no warning.
      const lost = yield* Effect.provideService(Abandon.abandon(key), References.MinimumLogLevel, "Error")
      return {
        result: { ...lost, interfaces: lost.interfaces.map((one) => ({ ...one })) },
        text: `${[`abandoned ${nameOf(lost)}`, ...linesOf(lost)].join("\n")}\n`
      }
    })
    return yield* Effect.provide(giving, yield* operating(settings))
  })
)

const agreed = Effect.fnUntraced(function*(lost: Abandon.Abandoned, isJson: boolean) {
  const output = yield* CommandOutput
  const refused = new NotConfirmed({ what: `to abandon ${nameOf(lost)}`, flag: "--yes" })
  const stdio = yield* Stdio.Stdio
  const isAsked = (yield* stdio.stdinIsTerminal) && (yield* output.stdout).isTerminal && !isJson
  if (!isJson) yield* output.complain(`${linesOf(lost).join("\n")}\n`)
  if (!isAsked) return yield* refused
  const question = Prompt.Confirm({ message: `Forget ${nameOf(lost)}, and leave there what may be left?` })
  if (!(yield* Effect.mapError(Prompt.run(question), () => refused))) return yield* refused
})

const nameOf = ({ containerId, ifName, network }: Abandon.Abandoned): string => `${containerId}:${ifName} on ${network}`

const linesOf = ({ addresses, interfaces, plugins }: Abandon.Abandoned): ReadonlyArray<string> => [
  "no plugin is asked to delete it, and this may be left:",
  `  addresses   ${listed(addresses, "none that is known")}`,
  `  interfaces  ${listed(interfaces.map(nameIn), "none that is there")}`,
  `  made by     ${listed(plugins, "not known")}`
]

const nameIn = ({ name, sandbox }: Abandon.Abandoned["interfaces"][number]): string =>
  sandbox === "" ? name : `${name} in ${sandbox}`

const listed = (texts: ReadonlyArray<string>, otherwise: string): string =>
  texts.length === 0 ? otherwise : harmless(texts.join(", "))
