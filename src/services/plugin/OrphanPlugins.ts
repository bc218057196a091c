/** Waits for plugins that go on after their runtime has died, and ends them. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"

export class OrphanPlugins extends Context.Service<OrphanPlugins, {
  /**
   * Returns when no plugin of the entry's operation runs any more, or is about to. A plugin whose runtime has died is found
   * by the entry, or by its executable and CNI_* variables; it is waited for, and ended with its group after
   * `OrphanWaitLimit`. What a living runtime has started is left alone.
   */
  readonly awaitOrKill: (entry: JournalEntry) => Effect.Effect<void>
}>()("effect-cni/services/OrphanPlugins") {}
