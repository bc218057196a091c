/** Watches each run of a plugin, for traces and for the line that shows progress. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PluginOutcome } from "../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"
import type { PluginExecError } from "./PluginExec.ts"

export class PluginObserver extends Context.Service<PluginObserver, {
  /** The same run, which has been seen. */
  readonly watched: (
    invocation: PluginInvocation,
    run: Effect.Effect<PluginOutcome, PluginExecError>
  ) => Effect.Effect<PluginOutcome, PluginExecError>
}>()("effect-cni/services/PluginObserver") {}
