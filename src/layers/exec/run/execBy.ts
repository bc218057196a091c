/** The service that runs plugins as processes of this machine, in libcni's dialect, whichever way they are started. */
import { PluginExec, type PluginExecError } from "../../../services/plugin/PluginExec.ts"
import { retryIf } from "../../../services/time/retryIf.ts"
import { BusyRetry } from "../../../services/Tunables.ts"
import type { Launch } from "./launch.ts"
import { passingOnStderr } from "./passingOnStderr.ts"
import { inSpan, runOnNode } from "./runOnNode.ts"

const isBusy = (error: PluginExecError): boolean => error._tag === "PluginSpawnFailed" && error.reason === "Busy"

/** A busy executable is tried again by `BusyRetry`. */
export const execBy = (launch: Launch): PluginExec["Service"] => {
  const runOnce = runOnNode(launch)
  return PluginExec.of({
    dialect: "libcni",
    run: (invocation, started) =>
      inSpan(invocation)(passingOnStderr(invocation, retryIf(runOnce(invocation, started), isBusy, BusyRetry)))
  })
}
