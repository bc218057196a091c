/** Which attachments of a network a GC keeps, and which it deletes. */
import type { Effect } from "effect/Effect"
import type { AttachmentKey } from "../attachment/AttachmentKey.ts"
import type { CacheRecord } from "../attachment/CacheEntry.ts"
import type { JournalEntry } from "../attachment/JournalEntry.ts"
import type { NetworkConfigList } from "../config/NetworkConfigList.ts"

/** An attachment that must survive a GC. */
export interface GcAttachment {
  readonly containerId: string
  readonly ifName: string
}

/**
 * The attachments that must survive, or an effect that finds them. The GC runs the effect while it holds the network alone,
 * after it has listed what is attached.
 */
export type KeepSet<E = never, R = never> =
  | ReadonlyArray<GcAttachment>
  | Effect<ReadonlyArray<GcAttachment>, E, R>

/** An attachment as it is stored: its journal entry, its record in the cache, or both, and the list that deletes it. */
export type Stored =
  & { readonly list: NetworkConfigList }
  & ({ readonly entry: JournalEntry; readonly record: CacheRecord | undefined } | {
    readonly entry: undefined
    readonly record: CacheRecord
  })

/**
 * An attachment that a GC deletes, because it is not in the keep-set (`unwanted`), or because an operation on it was not
 * completed (`unfinished`), even when it is in the keep-set.
 */
export type Stale = AttachmentKey & Stored & { readonly reason: "unwanted" | "unfinished" }

/** What a GC would do. */
export interface GcPlan {
  readonly keep: ReadonlyArray<GcAttachment>
  readonly stale: ReadonlyArray<Stale>
}
