/** Shows what goes into every plugin and what comes out: a layer over the executor, of which nobody else knows. */
import { type CniError, CniResult, Json, PluginExec, PluginReply, type PluginRequest } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Show from "./show.ts"
import { summary } from "./views.ts"

type Invocation = PluginRequest.PluginInvocation

/** The executor below, with every run on the terminal: an ADD in full, the others in a line. */
export const layer: Layer.Layer<PluginExec, never, PluginExec> = Layer.effect(
  PluginExec,
  Effect.gen(function*() {
    const exec = yield* PluginExec
    return PluginExec.of({
      ...exec,
      run: (invocation) => {
        const { after, before } = invocation.command === "ADD" ? inFull : inALine
        return before(invocation).pipe(
          Effect.andThen(exec.run(invocation)),
          Effect.tap((outcome) => after(invocation, outcome)),
          Effect.tapError(({ message }) => Show.row("failed", Show.bad(message), from)),
          Effect.onInterrupt(() =>
            Show.row("stopped", Show.bad(`${invocation.command} ${invocation.plugin} was interrupted`), from)
          )
        )
      }
    })
  })
)

interface View {
  readonly before: (invocation: Invocation) => Effect.Effect<void>
  readonly after: (invocation: Invocation, outcome: PluginReply.PluginOutcome) => Effect.Effect<void>
}

const to = "  → "
const from = "  ← "

const inFull: View = {
  before: Effect.fnUntraced(function*({ command, environment, plugin, stdin }) {
    const { configuration, prevResult, runtimeConfig } = request(stdin)
    const variables = Object.entries(environment)
      .filter(([name, value]) => name !== "CNI_COMMAND" && value !== "")
      .map(([name, value]) => `${name}=${value}`)
    yield* Show.line(Show.strong(`${command} ${plugin}`))
    yield* Show.row("environment", variables.join(" "), to)
    yield* Show.row("configuration", Json.stringify(configuration), to)
    if (prevResult !== undefined) yield* Show.row("prevResult", resultText(prevResult), to)
    if (runtimeConfig !== undefined) yield* Show.row("runtimeConfig", Json.stringify(runtimeConfig), to)
  }),
  after: Effect.fnUntraced(function*(invocation, outcome) {
    const answer = PluginReply.result(invocation, outcome, "", Json.defaultLimits)
    yield* Result.isSuccess(answer)
      ? Show.row("result", summary(answer.success), from)
      : Show.row("error", complaint(answer.failure), from)
    yield* Show.line(`${Show.dim(from)}${ending(outcome)}`, duration(outcome))
  })
}

const inALine: View = {
  before: () => Effect.void,
  after: ({ command, plugin, stdin }, outcome) => {
    const { configuration, ...added } = request(stdin)
    const names = Object.entries(added).flatMap(([name, value]) => value === undefined ? [] : [name])
    const given = names.length === 0 ? "" : `→ ${names.join(", ")}`
    return Show.line(
      `${Show.strong(`${command} ${plugin}`.padEnd(22))}${Show.dim(given)}`,
      `${ending(outcome)} ${duration(outcome)}`
    )
  }
}

/** What a plugin reads from stdin, taken apart: its own configuration, and what the runtime put in. */
const request = (stdin: string) => {
  const json = Result.getOrElse(Json.parse(stdin), () => null)
  const { cniVersion, name, prevResult, runtimeConfig, type, ...configuration } = Json.isJsonObject(json) ? json : {}
  return { configuration, prevResult, runtimeConfig }
}

const complaint = (failure: CniError.PluginError | CniError.PluginOutputInvalid): string =>
  failure._tag === "PluginError"
    ? `code ${failure.code}: ${[failure.msg, failure.details].filter(Boolean).join("; ")}`
    : failure.message

const resultText = (json: Json.Json): string =>
  Result.match(CniResult.fromJson(json, ""), { onSuccess: summary, onFailure: ({ reason }) => reason })

const ending = ({ exit }: PluginReply.PluginOutcome): string =>
  exit._tag === "Signalled"
    ? Show.bad(exit.signal)
    : (exit.status === 0 ? Show.good : Show.bad)(`exit ${exit.status}`)

const duration = ({ durationMs }: PluginReply.PluginOutcome): string =>
  Show.dim(`${durationMs.toFixed()} ms`.padStart(7))
