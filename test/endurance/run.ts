/** Runs a plan, and tells what that was like. */
import { PluginExec, type PluginReply, Tunables } from "effect-cni"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { PluginExecError } from "../../src/services/plugin/PluginExec.ts"
import { isAlive } from "../support/directory.ts"
import { invocation } from "../support/invocation.ts"
import { runForeign } from "./foreign.ts"
import { kill } from "./host.ts"
import { type Plan, type Seen, tooLongMs } from "./plan.ts"

/** Runs it. */
export const run = (plan: Plan): Effect.Effect<Seen, never, PluginExec> =>
  plan.by === "library" ? runByLibrary(plan) : runForeign(plan)

const runByLibrary = Effect.fnUntraced(function*(plan: Plan) {
  const exec = yield* PluginExec
  let starts = 0
  let pid: number | undefined
  let killing: NodeJS.Timeout | undefined
  const running = exec.run(invocationOf(plan), (started) =>
    Effect.sync(() => {
      starts++
      pid = started.pid
      killing = killLater(plan, started.pid)
    }))
  const startedAt = performance.now()
  const exit = yield* interrupting(tuned(plan, running), plan.interruptAfterMs)
  clearTimeout(killing)
  const durationMs = performance.now() - startedAt
  const words = Option.match(exit, { onNone: () => neverEnded, onSome: seenOf })
  return { ...words, durationMs, starts, isAlive: pid !== undefined && isAlive(pid) }
})

const invocationOf = ({ command, path, stdin, steps, timeLimitMs }: Plan) => {
  const { environment } = invocation({})
  return invocation({
    path,
    command,
    stdin,
    timeLimitMs,
    environment: { ...environment, CNI_COMMAND: command, CNI_ARGS: steps }
  })
}

const killLater = ({ killAfterMs }: Plan, pid: number): NodeJS.Timeout | undefined => {
  if (killAfterMs === undefined) return undefined
  if (killAfterMs > 0) return setTimeout(() => kill(pid), killAfterMs)
  kill(pid)
  return undefined
}

const tuned = <A, E>({ killGraceMs, maxBytes }: Plan, running: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  running.pipe(
    Effect.provideService(Tunables.KillGrace, killGraceMs),
    Effect.provideService(Tunables.DrainGrace, "20 millis"),
    Effect.provideService(Tunables.OutputLimit, { stdout: { maxBytes, maxDepth: 500 }, stderrBytes: 64 * 1024 }),
    Effect.provideService(Tunables.PluginStderr, "nowhere")
  )

// One that does not even end when it is interrupted is left behind, so that its fate can be told.
const interrupting = <A, E>(running: Effect.Effect<A, E>, afterMs: number | undefined) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkDetach(running, { startImmediately: true })
    if (afterMs !== undefined) {
      if (afterMs > 0) yield* Effect.sleep(afterMs)
      yield* Effect.forkDetach(Fiber.interrupt(fiber))
    }
    return yield* Effect.timeoutOption(Fiber.await(fiber), 3 * tooLongMs)
  })

type Words = Pick<Seen, "end" | "stdout" | "stderr">

const seenOf = (exit: Exit.Exit<PluginReply.PluginOutcome, PluginExecError>): Words => {
  if (Exit.isSuccess(exit)) return outcomeOf(exit.value)
  if (Cause.hasInterruptsOnly(exit.cause)) return { end: "interrupted", stdout: none, stderr: "" }
  const error = Cause.squash(exit.cause)
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")?.error
  return failure === undefined ? { end: `died: ${String(error)}`, stdout: none, stderr: "" } : failureOf(failure)
}

const none = new Uint8Array()

const neverEnded: Words = { end: "never ended", stdout: none, stderr: "" }

const outcomeOf = ({ exit, stderr, stdout }: PluginReply.PluginOutcome): Words => ({
  end: exit._tag === "Exited" ? `exited ${exit.status}` : `signalled ${exit.signal}`,
  stdout,
  stderr
})

const failureOf = (error: PluginExecError): Words => {
  switch (error._tag) {
    case "PluginTimeout":
      return { end: `timed out ${error.endedBy}`, stdout: none, stderr: error.stderr }
    case "PluginSpawnFailed":
      return { end: `not started ${error.reason}`, stdout: none, stderr: "" }
    case "PluginOutputInvalid":
      return { end: "too much output", stdout: Buffer.from(error.excerpt), stderr: "" }
  }
}
