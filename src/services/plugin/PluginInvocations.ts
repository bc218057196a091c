/** What an in-memory executor was asked to run, for the assertions of tests. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"

export class PluginInvocations extends Context.Service<PluginInvocations, {
  /** Every run so far, in the order in which they were started. */
  readonly all: Effect.Effect<ReadonlyArray<PluginInvocation>>
}>()("effect-cni/services/PluginInvocations") {}
