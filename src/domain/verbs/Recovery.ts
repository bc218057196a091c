/** What `recover` gives: what it found in the journal, and what it did about it. */
import type { AttachmentKey } from "../attachment/AttachmentKey.ts"
import type { AttachmentState } from "../attachment/JournalEntry.ts"
import type { CacheEntryInvalid, DetachIncomplete } from "../errors/CniError.ts"

/** An attachment, and the state that it was found in. `ofEarlierBoot`: the host was started again since it was attached. */
export interface Found extends AttachmentKey {
  readonly state: AttachmentState
  readonly ofEarlierBoot: boolean
}

/**
 * What a recovery found on the host.
 *
 * - `recovered`: was left by a runtime that died, by an undo that failed, or by an earlier boot, and is gone now;
 * - `failing`: could not be deleted this time either, with the reasons; it stays in the journal;
 * - `live`: is attached, or another operation works on it; it was not touched;
 * - `damaged`: files of the journal that cannot be read; `delNetworkList` or `abandon` removes them.
 */
export interface Recovery {
  readonly recovered: ReadonlyArray<Found>
  readonly failing: ReadonlyArray<DetachIncomplete>
  readonly live: ReadonlyArray<Found>
  readonly damaged: ReadonlyArray<CacheEntryInvalid>
}
