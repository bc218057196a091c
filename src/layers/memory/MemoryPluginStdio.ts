/** A plugin's side of the protocol in memory: what it is asked is given, what it answers is kept. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Environment } from "../../domain/plugin/PluginCall.ts"
import { PluginStdio } from "../../services/plugin/PluginStdio.ts"

/** What a plugin answered. */
export interface PluginAnswer {
  readonly stdout: string
  readonly status: 0 | 1
}

/** Asks a plugin this; its answer goes to `onAnswer`. */
export const layer = (
  asked: { readonly environment: Environment; readonly stdin: string },
  onAnswer: (answer: PluginAnswer) => void
): Layer.Layer<PluginStdio> =>
  Layer.succeed(
    PluginStdio,
    PluginStdio.of({
      environment: asked.environment,
      stdin: Effect.succeed(asked.stdin),
      answer: (stdout, status) => Effect.sync(() => onAnswer({ stdout, status }))
    })
  )
