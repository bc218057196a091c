/** Shows each run of the executor below to the `PluginObserver`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { PluginObserver } from "../../services/plugin/PluginObserver.ts"

export const layer: Layer.Layer<PluginExec, never, PluginExec | PluginObserver> = Layer.effect(
  PluginExec,
  Effect.gen(function*() {
    const exec = yield* PluginExec
    const { watched } = yield* PluginObserver
    return PluginExec.of({
      dialect: exec.dialect,
      run: (invocation, started) => watched(invocation, exec.run(invocation, started))
    })
  })
)
