/** Runs plugins as processes of this machine, in libcni's dialect. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PluginExec } from "../services/PluginExec.ts"
import { BusyRetry } from "../services/Tunables.ts"
import { passingOnStderr } from "./internal/passingOnStderr.ts"
import { runOnNode } from "./internal/runOnNode.ts"

/**
 * Each run is a process of its own, in its own process group, with our environment and the CNI_* variables. One that is
 * interrupted, runs too long or writes too much gets SIGTERM, and after `KillGrace` SIGKILL, with all its group. A busy
 * executable is tried again by `BusyRetry`.
 */
export const layer: Layer.Layer<PluginExec> = Layer.succeed(
  PluginExec,
  PluginExec.of({
    dialect: "libcni",
    run: Effect.fn("PluginExec.run", { kind: "client" })(function*(invocation, started) {
      const running = Effect.retry(runOnNode(invocation, started), {
        schedule: yield* BusyRetry,
        while: (error) => error._tag === "PluginSpawnFailed" && error.reason === "Busy"
      })
      return yield* passingOnStderr(invocation, running)
    })
  })
)
