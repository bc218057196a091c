/** Deals with plugins that go on after the runtime that started them has died. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"

export class LeftoverPlugins extends Context.Service<LeftoverPlugins, {
  /**
   * Returns when no plugin of the entry's operation runs any more, or is about to. One that was started is known from the
   * entry, or is found where its runtime has died, by its executable and CNI_* variables; it is waited for, and ended with
   * its group after `OrphanWaitLimit`. What a living runtime has started is left alone.
   */
  readonly settle: (entry: JournalEntry) => Effect.Effect<void>
}>()("effect-cni/services/LeftoverPlugins") {}
