/** Keeps how far each attachment has come, so that another process can complete what a dead one has left half-way. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import type { JournalEntry, JournalEvent } from "../../domain/attachment/JournalEntry.ts"
import type { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"

/** What is in a journal: the entries, by file name, and which of its files are none. */
export interface JournalListing {
  readonly entries: ReadonlyArray<JournalEntry>
  readonly damaged: ReadonlyArray<CacheEntryInvalid>
}

export class AttachmentJournal extends Context.Service<AttachmentJournal, {
  /** Where the entry of a key is, or would be; for messages. */
  readonly pathOf: (key: AttachmentKey) => string
  /** What stands under the key's file name, which may be another attachment's. */
  readonly get: (key: AttachmentKey) => Effect.Effect<Option.Option<JournalEntry>, CacheIoError | CacheEntryInvalid>
  /** Makes an entry, whole or not at all; gives `false` when there is one of that file name. */
  readonly begin: (entry: JournalEntry) => Effect.Effect<boolean, CacheIoError>
  /** Adds what has happened to an entry that there is, and is known to be the key's own. */
  readonly note: (key: AttachmentKey, event: JournalEvent) => Effect.Effect<void, CacheIoError>
  /** Removes an entry that is known to be the key's own, or damaged. Succeeds when there was nothing to remove. */
  readonly remove: (key: AttachmentKey) => Effect.Effect<void, CacheIoError>
  /** Every entry, or every one of a container. */
  readonly list: (containerId?: string) => Effect.Effect<JournalListing, CacheIoError>
  /** Which journal this is, at the moment: it is another one when its directory was removed, or replaced. */
  readonly identity: Effect.Effect<string>
  /** Keeps a line about what was given up, for good. */
  readonly audit: (line: string) => Effect.Effect<void, CacheIoError>
  /** Removes what dead writers left. */
  readonly sweep: Effect.Effect<void, CacheIoError>
}>()("effect-cni/services/AttachmentJournal") {}
