/** How a plugin is spoken to, from its own side. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Environment, PluginFailure } from "../../domain/plugin/PluginCall.ts"

export class PluginStdio extends Context.Service<PluginStdio, {
  readonly environment: Environment
  /** Everything on stdin. Fails with code 5 when it cannot be read. */
  readonly stdin: Effect.Effect<string, PluginFailure>
  /** Writes the answer to stdout and sets the status to exit with. */
  readonly answer: (stdout: string, status: 0 | 1) => Effect.Effect<void>
}>()("effect-cni/services/PluginStdio") {}
