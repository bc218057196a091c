/** Detaches what is attached, by what is stored of it. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../domain/attachment/AttachmentKey.ts"
import {
  type CacheEntryInvalid,
  type CacheIoError,
  type CacheKindMismatch,
  type DetachIncomplete,
  NotAttached
} from "../domain/errors/CniError.ts"
import type { LockError } from "../services/attachment/AttachmentLock.ts"
import { type Known, whatIsKnown } from "./attachment/known.ts"
import { deleteByRecord, finish } from "./chain/finish.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import { withAttachment } from "./guard/locking.ts"

/** Why an attachment could not be deleted by what is stored. */
export type DelAttachmentError =
  | NotAttached
  | LockError
  | CacheIoError
  | CacheEntryInvalid
  | CacheKindMismatch
  | DetachIncomplete

/**
 * `detach` from what is stored alone: the chain, the arguments and the capability arguments as they were at ADD. For when
 * the network's configuration has changed since, or is gone. The key is used as it is stored, so that what another
 * runtime attached can be deleted. The plugins get the namespace only while its path still names the one that was
 * attached; of what another runtime attached only the path is known.
 *
 * Fails with
 * - `NotAttached`: nothing is stored of it;
 * - `LockTimeout`: another operation held the container or the network for longer than `LockWaitLimit`;
 * - `CacheIoError`, `CacheEntryInvalid`, `CacheKindMismatch`: what is stored cannot be read, or holds no chain that can be
 *   used: delete it with `delNetworkList`, or `abandon` it;
 * - `DetachIncomplete`: plugins failed, after every one was asked; what is known is kept.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const detachAll = (containerId: string) =>
 *   Effect.flatMap(Cni.getCachedAttachments({ containerId }), Effect.forEach(Cni.delAttachment))
 * ```
 */
export const delAttachment: (
  key: AttachmentKey
) => Effect.Effect<void, DelAttachmentError, DelNetworkListRequirements> = Effect.fn("delAttachment")(
  function*(key) {
    const deleting = Effect.flatMap(whatIsKnown(key), (known) => deleteKnown(key, known))
    yield* withAttachment(key, deleting)
  }
)

const deleteKnown = Effect.fnUntraced(function*(key: AttachmentKey, known: Known) {
  const entry = Result.getOrElse(known.entry, () => undefined)
  if (entry !== undefined) return yield* finish(entry, known, { isAsked: true })
  const record = yield* Effect.fromResult(known.record)
  if (record === undefined) return yield* Result.isFailure(known.entry) ? known.entry.failure : new NotAttached(key)
  yield* deleteByRecord(key, record, known)
})
