/** What every command does around its own work: settings, the answer on stdout, errors with help, what a signal left. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { Interrupted } from "../../../domain/errors/CommandError.ts"
import { type Json, stringify } from "../../../domain/json/Json.ts"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import * as Tunables from "../../../services/Tunables.ts"
import { attendance } from "./attendance.ts"
import { CommandFailed, type Failure, statusOf } from "./failure.ts"
import { type Settings, settingsOf } from "./settings.ts"
import { Flags } from "./sharedFlags.ts"

/**
 * What a command found or did: `result` with `--json`, else `text`, as it is. Exit status 1 where it is not `ok`, or the
 * `status` that it names.
 */
export interface Answer {
  readonly result: Json
  readonly text?: string
  readonly ok?: boolean
  readonly status?: number
}

/** What an interruption leaves, for whoever pressed Ctrl-C: "nothing was changed" until the work says something else. */
export type Leaving = Ref.Ref<string>

/** Makes a handler of a command's own work. */
export const commanding = <Input, R>(
  command: string,
  work: (input: Input, settings: Settings, leaving: Leaving) => Effect.Effect<Answer, Failure, R>
) =>
  Effect.fnUntraced(function*(input: Input) {
    const flags = yield* Flags
    const leaving = yield* Ref.make("nothing was changed")
    const { attended, trace, watch } = yield* attendance(flags)
    const reporting = (failure: Failure) =>
      Effect.flatMap(
        Effect.promise(() => import("./report.ts")),
        ({ report }) => Effect.flatMap(trace, (members) => report(command, flags, failure, members))
      )
    const working = attended(Effect.flatMap(
      settingsOf(flags),
      (settings) => limited(settings, work(input, { ...settings, watch }, leaving))
    ))
    const { ok = true, result, status = ok ? 0 : 1, text = "" } = yield* working.pipe(
      Effect.onExit((exit) => tellOfInterruption(exit, leaving, reporting)),
      Effect.catch((failure) => Effect.andThen(reporting(failure), new CommandFailed({ exitCode: statusOf(failure) })))
    )
    const output = yield* CommandOutput
    const traced = Effect.map(trace, (members) => `${stringify({ ok: true, command, result, ...members })}\n`)
    const written = flags.json ? yield* traced : text
    const isWritten = written === "" || (yield* output.write(written))
    if (!flags.json) yield* trace
    if (status !== 0 || !isWritten) return yield* new CommandFailed({ exitCode: status || 1 })
  })

/** The services of the operations, or those of asking, where the settings say. */
export const operating = (settings: Settings) =>
  Effect.map(CommandHost, (host) => host.operating(settings.places, settings.watch?.observer))

/** {@link operating}, with namespaces that belong to the cache. */
export const operatingInNamespaces = (settings: Settings) =>
  Effect.map(CommandHost, (host) =>
    Layer.merge(
      host.operating(settings.places, settings.watch?.observer),
      host.scratch(settings.places.cacheDir)
    ))

/** {@link operating} for commands that change nothing and look at no attachments. */
export const asking = (settings: Settings) =>
  Effect.map(CommandHost, (host) => host.asking(settings.places, settings.watch?.observer))

const limited = <A, E, R>({ timeout }: Settings, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const aloud = Effect.provideService(work, Tunables.PluginStderr, "stderr")
  if (Option.isNone(timeout)) return aloud
  return aloud.pipe(
    Effect.provideService(Tunables.PluginTimeLimit, () => timeout.value),
    Effect.provideService(Tunables.LockWaitLimit, timeout.value)
  )
}

const tellOfInterruption = <A, R>(
  exit: Exit.Exit<A, Failure>,
  leaving: Leaving,
  reporting: (failure: Failure) => Effect.Effect<void, never, R>
) =>
  Effect.gen(function*() {
    if (Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause)) return
    const failure = Cause.findErrorOption(exit.cause)
    if (Option.isSome(failure)) yield* reporting(failure.value)
    yield* reporting(new Interrupted({ left: yield* Ref.get(leaving) }))
  })
