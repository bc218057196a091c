/** Runs one plugin once. A new way of running plugins (over ssh, in a chroot, in memory) is one function. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { ProcessId } from "../../domain/attachment/JournalEntry.ts"
import type { PluginOutputInvalid, PluginSpawnFailed, PluginTimeout } from "../../domain/errors/CniError.ts"
import type { Dialect } from "../../domain/errors/ErrorText.ts"
import type { PluginOutcome } from "../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"

/** Everything that can keep a run from having an outcome. */
export type PluginExecError = PluginSpawnFailed | PluginTimeout | PluginOutputInvalid

/** Hears of the process that was started for a run, where there is one. */
export type OnStart = (process: ProcessId) => Effect.Effect<void>

export class PluginExec extends Context.Service<PluginExec, {
  /** In whose words a failed plugin's own words are reported. */
  readonly dialect: Dialect
  /**
   * Runs the plugin to its end. Fails with `PluginSpawnFailed` when the system will not start it, `PluginTimeout` when it
   * ran longer than the invocation's `timeLimitMs`, `PluginOutputInvalid` when it wrote more than `OutputLimit` allows.
   * A non-zero exit status is an outcome. Interruption ends the plugin before it returns. `started` is told of each
   * process as soon as there is one.
   */
  readonly run: (invocation: PluginInvocation, started?: OnStart) => Effect.Effect<PluginOutcome, PluginExecError>
}>()("effect-cni/services/PluginExec") {}
