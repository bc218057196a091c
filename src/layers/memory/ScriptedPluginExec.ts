/** Answers for plugins by a script, in memory, and remembers what it was asked: the executor of tests. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as CniVersion from "../../domain/config/CniVersion.ts"
import { type Command, type PluginExit, PluginTimeout } from "../../domain/errors/CniError.ts"
import { decodeText, isJsonObject, type Json, type JsonObject, parse, stringify } from "../../domain/json/Json.ts"
import { errorContext, outputInvalid, type PluginOutcome, tooMuchOutput } from "../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"
import { OrphanPlugins } from "../../services/plugin/OrphanPlugins.ts"
import { PluginExec, type PluginExecError } from "../../services/plugin/PluginExec.ts"
import { PluginInvocations } from "../../services/plugin/PluginInvocations.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { OrphanWaitLimit, OutputLimit } from "../../services/Tunables.ts"
import { forwardStderr } from "../exec/child/forwardStderr.ts"

/** How a scripted plugin behaves, down to the process: what it writes, how it ends, how long it takes. */
export class Reply {
  readonly stdout: string
  readonly stderr: string
  readonly exit: PluginExit
  readonly delay: Duration.Input
  constructor(reply: Partial<Pick<Reply, "stdout" | "stderr" | "exit" | "delay">>) {
    this.stdout = reply.stdout ?? ""
    this.stderr = reply.stderr ?? ""
    this.exit = reply.exit ?? { _tag: "Exited", status: 0 }
    this.delay = reply.delay ?? 0
  }
}

/** What a plugin answers to one run: a result, or anything that a process can do. */
export type Answer = JsonObject | Reply

/** An answer that depends on what was asked. */
export type Answering = (invocation: PluginInvocation) => Answer

type Scripted = Answer | Answering

/**
 * The answers of one plugin, by command; of several, the first is for the first run and the last for all that follow.
 * A function answers every command. What is not scripted succeeds: ADD with its `prevResult`, VERSION with all versions
 * that this library speaks, the others silently.
 */
export type PluginScript =
  | Answering
  | { readonly [C in Command]?: Scripted | readonly [Scripted, ...ReadonlyArray<Scripted>] }

/** A refusal, as plugins report one: exit status 1 and an error object (spec, section 5 "Error"). */
export const fail = (error: { readonly code: number; readonly msg: string; readonly details?: string }): Reply =>
  new Reply({ stdout: stringify({ ...error }), exit: { _tag: "Exited", status: 1 } })

/** A plugin that never ends by itself; it is stopped at its time limit, or when the operation is interrupted. */
export const hang: Reply = new Reply({ delay: Duration.infinity })

/**
 * Answers ADD with the result of the plugin before it, as a plugin does that adds nothing to the result, VERSION with all
 * versions that this library speaks, and the other commands silently.
 */
export const passThrough: Answering = ({ command, stdin }) => {
  switch (command) {
    case "ADD":
      return prevResult(stdin)
    case "VERSION":
      return { cniVersion: CniVersion.current, supportedVersions: CniVersion.supported }
    default:
      return new Reply({})
  }
}

/**
 * Plugins that answer by a script, by type; {@link PluginInvocations} that says what they were asked; and
 * {@link OrphanPlugins} that waits for those whose runtime was made to crash.
 */
export const layer = (
  plugins: Readonly<Record<string, PluginScript>>
): Layer.Layer<PluginExec | PluginInvocations | OrphanPlugins> =>
  Layer.effectContext(Effect.sync(() => {
    const invocations: Array<PluginInvocation> = []
    const running = new Set<Run>()
    const scripts = new Map(Object.entries(plugins))
    const runsOf = ({ command, plugin }: PluginInvocation) =>
      invocations.filter((earlier) => earlier.plugin === plugin && earlier.command === command).length
    const exec = PluginExec.of({
      dialect: "libcni",
      run: Effect.fnUntraced(function*(invocation) {
        const count = runsOf(invocation)
        invocations.push(invocation)
        const run: Run = { invocation, end: Deferred.makeUnsafe(), ended: Deferred.makeUnsafe() }
        running.add(run)
        const answering = perform(invocation, answer(scripts.get(invocation.plugin) ?? {}, invocation, count))
        return yield* forwardStderr(invocation, Effect.raceFirst(answering, killed(run))).pipe(
          Effect.ensuring(
            Effect.andThen(Effect.sync(() => running.delete(run)), Deferred.succeed(run.ended, undefined))
          )
        )
      })
    })
    const orphans = OrphanPlugins.of({
      awaitOrKill: Effect.fnUntraced(function*({ containerId, ifName }) {
        const left = [...running].filter(({ invocation }) =>
          invocation.containerId === containerId && invocation.ifName === ifName
        )
        yield* Effect.forEach(left, endInTime, { concurrency: "unbounded", discard: true })
      })
    })
    return Context.make(PluginExec, exec).pipe(
      Context.add(PluginInvocations, PluginInvocations.of({ all: Effect.sync(() => [...invocations]) })),
      Context.add(OrphanPlugins, orphans)
    )
  }))

interface Run {
  readonly invocation: PluginInvocation
  readonly end: Deferred.Deferred<void>
  readonly ended: Deferred.Deferred<void>
}

const killed = ({ end }: Run): Effect.Effect<PluginOutcome> =>
  Effect.as(Deferred.await(end), {
    exit: { _tag: "Signalled", signal: "SIGTERM" },
    stdout: new Uint8Array(),
    stderr: "",
    durationMs: 0
  })

const endInTime = Effect.fnUntraced(function*(run: Run) {
  const limit = yield* OrphanWaitLimit
  yield* Effect.timeoutOption(Deferred.await(run.ended), limit)
  yield* Deferred.succeed(run.end, undefined)
  yield* Deferred.await(run.ended)
})

const answer = (script: PluginScript, invocation: PluginInvocation, run: number): Answer => {
  const scripted = typeof script === "function" ? script : script[invocation.command] ?? passThrough
  const chosen = isSequence(scripted) ? scripted[Math.min(run, scripted.length - 1)] ?? passThrough : scripted
  return typeof chosen === "function" ? chosen(invocation) : chosen
}

const isSequence = (value: Scripted | ReadonlyArray<Scripted>): value is ReadonlyArray<Scripted> => Array.isArray(value)

const perform = Effect.fnUntraced(function*(
  invocation: PluginInvocation,
  answer: Answer
): Effect.fn.Return<PluginOutcome, PluginExecError> {
  const reply = answer instanceof Reply ? answer : new Reply({ stdout: stringify(answer) })
  const startedAt = yield* monotonicMillis
  const delayMs = Duration.toMillis(reply.delay)
  yield* pause(Math.min(delayMs, invocation.timeLimitMs))
  if (delayMs > invocation.timeLimitMs) {
    return yield* new PluginTimeout({
      ...errorContext(invocation),
      limitMs: invocation.timeLimitMs,
      endedBy: "SIGTERM",
      stderr: reply.stderr
    })
  }
  const stdout = new TextEncoder().encode(reply.stdout)
  const limits = yield* OutputLimit
  if (stdout.byteLength > limits.stdout.maxBytes) {
    return yield* outputInvalid(invocation, { stdout, stderr: reply.stderr }, {
      at: "",
      reason: tooMuchOutput(limits.stdout.maxBytes)
    })
  }
  const durationMs = (yield* monotonicMillis) - startedAt
  return { exit: reply.exit, stdout, stderr: tail(reply.stderr, limits.stderrBytes), durationMs }
})

const tail = (text: string, bytes: number): string =>
  bytes === 0 ? "" : decodeText(new TextEncoder().encode(text).subarray(-bytes))

const pause = (ms: number): Effect.Effect<void> => ms === 0 ? Effect.void : Effect.sleep(ms)

const prevResult = (stdin: string): JsonObject => {
  const request: Json = Result.getOrElse(parse(stdin), () => null)
  const previous = isJsonObject(request) ? request["prevResult"] : undefined
  return isJsonObject(previous) ? previous : {}
}
