/** The service that runs plugins as processes of this machine, in libcni's dialect, whichever way they are started. */
import * as Effect from "effect/Effect"
import { PluginExec } from "../../services/PluginExec.ts"
import { BusyRetry } from "../../services/Tunables.ts"
import type { Launch } from "./launch.ts"
import { passingOnStderr } from "./passingOnStderr.ts"
import { runOnNode } from "./runOnNode.ts"

/** A busy executable is tried again by `BusyRetry`. */
export const execBy = (launch: Launch): PluginExec["Service"] => {
  const runOnce = runOnNode(launch)
  return PluginExec.of({
    dialect: "libcni",
    run: Effect.fn("PluginExec.run", { kind: "client" })(function*(invocation, started) {
      const running = Effect.retry(runOnce(invocation, started), {
        schedule: yield* BusyRetry,
        while: (error) => error._tag === "PluginSpawnFailed" && error.reason === "Busy"
      })
      return yield* passingOnStderr(invocation, running)
    })
  })
}
