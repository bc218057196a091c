/** Lists what is attached. */
import * as Effect from "effect/Effect"
import type { CacheRecord } from "../domain/attachment/CacheEntry.ts"
import { validateContainerId } from "../domain/attachment/RuntimeConf.ts"
import type { CacheIoError, InvalidRuntimeConf } from "../domain/errors/CniError.ts"
import { AttachmentCache } from "../services/attachment/AttachmentCache.ts"

/**
 * The records of all attachments, or of one container's, ordered by file name. Files that cannot be read, are of another
 * kind or name no attachment are left out, and for one container those whose name does not have its ID in it.
 *
 * In a directory with many records, one that another process has just written may be missing from one container's for a
 * second.
 *
 * Fails with `InvalidRuntimeConf` for a container ID that can be none, and with `CacheIoError` when the cache cannot be
 * listed.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const networksOf = (containerId: string) =>
 *   Effect.map(Cni.getCachedAttachments({ containerId }), (records) => records.map(({ network }) => network))
 * ```
 */
export const getCachedAttachments: (
  filter?: { readonly containerId?: string }
) => Effect.Effect<ReadonlyArray<CacheRecord>, CacheIoError | InvalidRuntimeConf, AttachmentCache> = Effect.fn(
  "getCachedAttachments"
)(function*(filter = {}) {
  const { containerId } = filter
  if (containerId !== undefined) yield* Effect.fromResult(validateContainerId(containerId))
  return yield* (yield* AttachmentCache).list(containerId)
})
