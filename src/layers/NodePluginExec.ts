/** Runs plugins as processes of this machine, in libcni's dialect. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { PluginOutcome } from "../domain/PluginReply.ts"
import type { PluginInvocation } from "../domain/PluginRequest.ts"
import { PluginExec } from "../services/PluginExec.ts"
import { BusyRetry } from "../services/Tunables.ts"
import { passingOnStderr } from "./internal/passingOnStderr.ts"
import { runOnNode } from "./internal/runOnNode.ts"

/**
 * Each run is a process of its own, in its own process group, with our environment and the CNI_* variables. One that is
 * interrupted, runs too long or writes too much gets SIGTERM, and after `KillGrace` SIGKILL, with all its group. A busy
 * executable is tried again by `BusyRetry`. A Ctrl-C can hit a process before it has left our group to become the
 * plugin: but for ADD, which may not be done twice, such a run is made again, up to three times.
 */
export const layer: Layer.Layer<PluginExec> = Layer.succeed(
  PluginExec,
  PluginExec.of({
    dialect: "libcni",
    run: Effect.fn("PluginExec.run", { kind: "client" })(function*(invocation) {
      const running = Effect.retry(runOnNode(invocation), {
        schedule: yield* BusyRetry,
        while: (error) => error._tag === "PluginSpawnFailed" && error.reason === "Busy"
      })
      const started = Effect.repeat(running, { times: 3, while: (outcome) => mayNotHaveRun(invocation, outcome) })
      return yield* passingOnStderr(invocation, started)
    })
  })
)

const mayNotHaveRun = ({ command }: PluginInvocation, { exit, stderr, stdout }: PluginOutcome): boolean =>
  command !== "ADD" && exit._tag === "Signalled" && fromTerminal.has(exit.signal) &&
  stdout.length === 0 && stderr.length === 0

const fromTerminal = new Set(["SIGINT", "SIGQUIT", "SIGHUP"])
