/** One run of one plugin on Node, from its invocation to its outcome. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import { type PluginExit, PluginSpawnFailed, PluginTimeout } from "../../../domain/errors/CniError.ts"
import { decodeText } from "../../../domain/json/Json.ts"
import { errorContext, outputInvalid, type PluginOutcome, tooMuchOutput } from "../../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../../domain/plugin/PluginRequest.ts"
import { type OnStart, PluginExec, type PluginExecError } from "../../../services/plugin/PluginExec.ts"
import { BusyRetry, DrainGrace, KillGrace, OutputLimit } from "../../../services/Tunables.ts"
import { isLong, yieldWhenLong } from "../../process/eventLoop.ts"
import { forwardStderr } from "./forwardStderr.ts"
import * as PluginProcess from "./pluginProcess.ts"
import type { ChildHandle, Refusal, Spawn } from "./spawn.ts"

/** The service that runs plugins in libcni's dialect, started in this way. A busy executable is tried again by `BusyRetry`. */
export const libcniExec = (spawn: Spawn): PluginExec["Service"] => {
  const runOnce = runPluginOnce(spawn)
  return PluginExec.of({
    dialect: "libcni",
    run: (invocation, started) =>
      inSpan(invocation)(forwardStderr(invocation, untilNotBusy(runOnce(invocation, started))))
  })
}

const untilNotBusy = (running: Outcome): Outcome =>
  Effect.flatMap(BusyRetry, (schedule) => Effect.retry(running, { while: isBusy, schedule }))

const isBusy = (error: PluginExecError): boolean => error._tag === "PluginSpawnFailed" && error.reason === "Busy"

/**
 * Runs the plugin once, with our environment and the CNI_* variables set over it. A Ctrl-C can hit a process before it
 * has left our group to become the plugin: but for ADD, which may not be done twice, it is then started again, up to
 * three times.
 */
export const runPluginOnce = (spawn: Spawn) => (invocation: PluginInvocation, started?: OnStart): Outcome =>
  Effect.contextWith((context) => {
    const running = runOnce(spawn, invocation, programOf(invocation, context), started)
    const upTo = (tries: number): Outcome =>
      Effect.flatMap(
        running,
        (outcome) => tries > 1 && mayNotHaveRun(invocation, outcome) ? upTo(tries - 1) : Effect.succeed(outcome)
      )
    return isLong() ? Effect.andThen(yieldWhenLong, upTo(4)) : upTo(4)
  })

/** The span of a run, with all its tries. */
export const inSpan = ({ command, containerId, network, plugin }: PluginInvocation) =>
  Effect.withSpan("PluginExec.run", {
    kind: "client",
    attributes: {
      "cni.plugin": plugin,
      "cni.command": command,
      "cni.network": network,
      "cni.container_id": containerId
    }
  }, { captureStackTrace: false })

const mayNotHaveRun = ({ command }: PluginInvocation, { exit, stderr, stdout }: PluginOutcome): boolean =>
  command !== "ADD" && exit._tag === "Signalled" && fromTerminal.has(exit.signal) &&
  stdout.length === 0 && stderr === ""

const fromTerminal = new Set(["SIGINT", "SIGQUIT", "SIGHUP"])

const programOf = (invocation: PluginInvocation, context: Context.Context<never>): PluginProcess.Program => {
  const { stderrBytes, stdout } = Context.get(context, OutputLimit)
  return {
    path: Path.isAbsolute(invocation.path) ? invocation.path : Path.resolve(invocation.path),
    variables: invocation.environment,
    stdin: invocation.stdin,
    timeLimitMs: invocation.timeLimitMs,
    killGraceMs: Duration.toMillis(Context.get(context, KillGrace)),
    drainGraceMs: Duration.toMillis(Context.get(context, DrainGrace)),
    stdoutBytes: stdout.maxBytes,
    stderrBytes
  }
}

type Outcome = Effect.Effect<PluginOutcome, PluginExecError>

const runOnce = (
  spawn: Spawn,
  invocation: PluginInvocation,
  program: PluginProcess.Program,
  started: OnStart | undefined
): Outcome =>
  Effect.uninterruptibleMask((restore) =>
    Effect.matchEffect(spawn(program), {
      onFailure: (refusal) => Effect.fail(spawnFailed(invocation, refusal)),
      onSuccess: (child) => {
        const { ended, hasEnded, stop } = supervise(child, invocation, program)
        const telling = started?.({ pid: child.pid, startTime: "" }) ?? Effect.void
        // Interrupted, or not told: for either reason no caller waits for it any more.
        return Effect.onExit(
          Effect.andThen(telling, restore(ended)),
          () => hasEnded() ? Effect.void : Effect.andThen(Effect.sync(stop), Effect.exit(ended))
        )
      }
    })
  )

// The process may end before a fiber waits for that.
const supervise = (child: ChildHandle, invocation: PluginInvocation, program: PluginProcess.Program) => {
  const startedAt = performance.now()
  let outcome: Outcome | undefined
  let wake = () => {}
  const stop = PluginProcess.supervise(child, program, (ending) => {
    outcome = toOutcome(invocation, program, ending, performance.now() - startedAt)
    wake()
  })
  const ended: Outcome = Effect.callback((resume) => {
    if (outcome !== undefined) return resume(outcome)
    wake = () => outcome !== undefined && resume(outcome)
  })
  return { ended, hasEnded: () => outcome !== undefined, stop: () => stop("interruption") }
}

const toOutcome = (
  invocation: PluginInvocation,
  { stdoutBytes }: PluginProcess.Program,
  ending: PluginProcess.Ending,
  durationMs: number
): Effect.Effect<PluginOutcome, PluginExecError> => {
  const stderr = decodeText(ending.stderr)
  switch (ending.stopped?.reason) {
    case "timeLimit":
      return Effect.fail(
        new PluginTimeout({
          ...errorContext(invocation),
          limitMs: invocation.timeLimitMs,
          endedBy: ending.stopped.endedBy,
          stderr
        })
      )
    case "outputLimit":
      return Effect.fail(
        outputInvalid(invocation, { stdout: ending.stdout, stderr }, { at: "", reason: tooMuchOutput(stdoutBytes) })
      )
    default:
      return Effect.succeed({ exit: exitOf(ending), stdout: ending.stdout, stderr, durationMs })
  }
}

const exitOf = ({ coreDumped, signal, status }: PluginProcess.Ending): PluginExit =>
  signal === null
    ? { _tag: "Exited", status: status ?? -1 }
    : { _tag: "Signalled", signal, ...(coreDumped && { coreDumped }) }

const spawnFailed = (invocation: PluginInvocation, { code, detail, errno }: Refusal): PluginSpawnFailed =>
  new PluginSpawnFailed({
    ...errorContext(invocation),
    reason: reasons.get(code) ?? "Other",
    ...(errno !== "" && { errno }),
    detail
  })

const reasons: ReadonlyMap<string, PluginSpawnFailed["reason"]> = new Map([
  ["ETXTBSY", "Busy"],
  ["ENOENT", "NotFound"],
  ["ENOTDIR", "NotFound"],
  ["EACCES", "PermissionDenied"],
  ["EPERM", "PermissionDenied"],
  ["ENOEXEC", "BadFormat"],
  ["ELIBBAD", "BadFormat"],
  ["E2BIG", "TooBig"],
  ["EAGAIN", "NoResources"],
  ["ENOMEM", "NoResources"],
  ["EMFILE", "NoResources"],
  ["ENFILE", "NoResources"]
])
