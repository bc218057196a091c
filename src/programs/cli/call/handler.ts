/** Makes the handler of a command: settings, progress, the answer on stdout and reports on stderr around its own work. */
import * as Cause from "effect/Cause"
import type { Environment } from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { Interrupted } from "../../../domain/errors/CommandError.ts"
import { type Json, stringify } from "../../../domain/json/Json.ts"
import type { CniServices } from "../../../services/CniServices.ts"
import { type AskingServices, CommandHost, type Places } from "../../../services/command/CommandHost.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import type { ScratchNamespaces } from "../../../services/network/ScratchNamespaces.ts"
import type { PluginObserver } from "../../../services/plugin/PluginObserver.ts"
import * as Tunables from "../../../services/Tunables.ts"
import { CommandFailed, type Failure, statusOf } from "../failure/failure.ts"
import { type Settings, settingsOf, type SharedFlags } from "../flags.ts"
import { escapeControls } from "../text/text.ts"
import { makeProgress } from "./progress.ts"

/** What a command found or did: `result` is written with `--json`, else `text`. The exit `status` is 0 by default. */
export interface Answer {
  readonly result: Json
  readonly text?: string
  readonly status?: number
}

/** One call of a command, as its work sees it. */
export interface Call extends Settings {
  /** Sets what an interruption is reported to leave behind: "nothing was changed" before the first time. */
  readonly leaves: (text: string) => Effect.Effect<void>
  /** Runs an effect that has the terminal for itself: no progress is shown meanwhile. */
  readonly withTerminal: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Which services of the host a command works with. */
type Services<S> = (
  host: CommandHost["Service"],
  places: Places,
  observer: PluginObserver["Service"] | undefined
) => Layer.Layer<S>

/** The services of the operations. */
export const operating: Services<CniServices> = (host, places, observer) => host.operating(places, observer)

/** The services of the operations, and namespaces that belong to the cache. */
export const operatingInNamespaces: Services<CniServices | ScratchNamespaces> = (host, places, observer) =>
  Layer.merge(host.operating(places, observer), host.scratch(places.cacheDir))

/** The services of commands that change nothing and look at no attachments. */
export const asking: Services<AskingServices> = (host, places, observer) => host.asking(places, observer)

/** Makes a handler of a command's own work. */
export const handler = <Input, S>(
  command: string,
  services: Services<S>,
  work: (input: Input, call: Call) => Effect.fn.Return<Answer, Failure, S | CommandHost | CommandOutput | Environment>
) => {
  const workOn = Effect.fnUntraced(work)
  return Effect.fnUntraced(function*(input: Input, flags: SharedFlags) {
    const host = yield* CommandHost
    const leftBehind = yield* Ref.make("nothing was changed")
    const { observer, shown, trace, withTerminal } = yield* makeProgress(flags)
    const reporting = (failure: Failure) =>
      Effect.flatMap(
        Effect.promise(() => import("../failure/report.ts")),
        ({ report }) => Effect.flatMap(trace, (members) => report(command, flags, failure, members))
      )
    const working = Effect.flatMap(settingsOf(flags), (settings) => {
      const call: Call = { ...settings, leaves: (text) => Ref.set(leftBehind, text), withTerminal }
      return limited(settings, Effect.provide(workOn(input, call), services(host, settings.places, observer)))
    })
    const answer = yield* shown(working).pipe(
      Effect.onExit((exit) => reportInterruption(exit, leftBehind, reporting)),
      Effect.catch((failure) => Effect.andThen(reporting(failure), new CommandFailed({ exitCode: statusOf(failure) })))
    )
    const { result, status = 0, text = "" } = answer
    const output = yield* CommandOutput
    const envelope = Effect.map(trace, (members) => `${stringify({ ok: true, command, result, ...members })}\n`)
    const written = flags.json ? yield* envelope : text
    const isWritten = written === "" || (yield* output.write(written))
    if (!flags.json) yield* trace
    if (status !== 0 || !isWritten) return yield* new CommandFailed({ exitCode: status || 1 })
  })
}

const limited = <A, E, R>({ timeout }: Settings, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const withStderr = Effect.provideService(work, Tunables.PluginStderr, "stderr")
  if (Option.isNone(timeout)) return withStderr
  return withStderr.pipe(
    Effect.provideService(Tunables.PluginTimeLimit, () => timeout.value),
    Effect.provideService(Tunables.LockWaitLimit, timeout.value)
  )
}

const reportInterruption = Effect.fnUntraced(function*<A, R>(
  exit: Exit.Exit<A, Failure>,
  leftBehind: Ref.Ref<string>,
  reporting: (failure: Failure) => Effect.Effect<void, never, R>
) {
  if (Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause)) return
  const failure = Cause.findErrorOption(exit.cause)
  if (Option.isSome(failure)) yield* reporting(failure.value)
  yield* reporting(new Interrupted({ left: yield* Ref.get(leftBehind) }))
})

/** Tells a person on stderr what the result does not show; with `--json`, the result has it. */
export const remark = (text: string, { json }: Settings): Effect.Effect<void, never, CommandOutput> =>
  json ? Effect.void : Effect.flatMap(CommandOutput, ({ complain }) => complain(`${escapeControls(text)}\n`))
