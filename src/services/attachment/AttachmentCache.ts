/** Keeps a record of each attachment, in the files that other runtimes on the host read and write too. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Result from "effect/Result"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import type { CacheEntry, CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { CacheEntryInvalid, CacheIoError } from "../../domain/errors/CniError.ts"

/** A file of the cache: `path`, what stands in it or why it cannot be read, and when it was written, in ms since 1970. */
export interface CacheFile {
  readonly name: string
  readonly path: string
  readonly content: Result.Result<CacheEntry, string>
  readonly writtenAt: number | undefined
}

export class AttachmentCache extends Context.Service<AttachmentCache, {
  /** Where the entry of a key is, or would be; for messages. */
  readonly pathOf: (key: AttachmentKey) => string
  /** What stands under the key's file name, which may be another attachment's. */
  readonly get: (key: AttachmentKey) => Effect.Effect<Option.Option<CacheEntry>, CacheIoError | CacheEntryInvalid>
  /** Stores a record in place of what was there. Readers see the old one or the new one, never half of one. */
  readonly put: (record: CacheRecord) => Effect.Effect<void, CacheIoError>
  /** Succeeds when there was nothing to remove. */
  readonly remove: (key: AttachmentKey) => Effect.Effect<void, CacheIoError>
  /** Every record, or every one of a container, ordered by file name; what cannot be read or decoded is left out. */
  readonly list: (containerId?: string) => Effect.Effect<ReadonlyArray<CacheRecord>, CacheIoError>
  /** Every file, ordered by name, also what is no record or cannot be read: for people who look for what is wrong. */
  readonly files: Effect.Effect<ReadonlyArray<CacheFile>, CacheIoError>
  /** Removes what dead writers left. */
  readonly sweep: Effect.Effect<void, CacheIoError>
}>()("effect-cni/services/AttachmentCache") {}
