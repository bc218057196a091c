/** Runs plugins as podman does: a layer to swap in where scripts expect podman's ways. */
import * as Layer from "effect/Layer"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { inSpan, runPluginOnce } from "./child/runPluginOnce.ts"
import { spawn } from "./child/spawn.ts"

/**
 * As `NodePluginExec`, but a busy executable is not tried again, the stderr of a successful plugin goes nowhere, and that of
 * a failed one that wrote no error is its message, as it is. `CniError.format` words such errors as podman does.
 */
export const layer: Layer.Layer<PluginExec> = Layer.succeed(
  PluginExec,
  PluginExec.of({
    dialect: "podman",
    run: (invocation, started) => inSpan(invocation)(runOnce(invocation, started))
  })
)

const runOnce = runPluginOnce(spawn)
