/** Plugins that a fork server starts from the first on, which otherwise takes some dozens of runs. */
import { PluginExec } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execBy } from "../../src/layers/internal/execBy.ts"
import * as ForkServer from "../../src/layers/internal/forkServer.ts"

/** A server that is ready; it ends with the scope. */
export const forkServer = (options: Partial<ForkServer.Options> = {}) =>
  Effect.acquireRelease(
    Effect.callback<ForkServer.ForkServer>((resume) => {
      const program = ForkServer.findProgram() ?? "none"
      const server = ForkServer.start(program, {
        ended: () => {},
        ready: () => resume(Effect.succeed(server)),
        ...options
      })
    }),
    ({ end }) => Effect.sync(end)
  )

export const layer: Layer.Layer<PluginExec> = Layer.effect(
  PluginExec,
  Effect.map(forkServer(), ({ launch }) => execBy(launch))
)
