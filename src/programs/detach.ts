/** Detaches a container as far as it goes: by a network's configuration, or by what is stored alone. */
import * as Effect from "effect/Effect"
import { NotAttached } from "../domain/errors/CniError.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { validate } from "./attachment/ValidatedAttachment.ts"
import { completeDelete, deleteByRecord, fillFromStored } from "./chain/completeDelete.ts"
import { detachChain } from "./chain/delChain.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import { type Session, withAttachment } from "./guard/attachmentSession.ts"

/**
 * Runs the network's plugins with DEL, last to first, each given the stored result, and asks every one of them, also
 * after one has failed (spec, section 4 "DEL"); then forgets the attachment. It is what the end of a scope does.
 * `delNetworkList` stops at the first plugin that fails. Once the plugins run it cannot be interrupted, and all of them
 * together have `RollbackTimeLimit` (ms).
 *
 * The plugins get what the ADD was given, as with `delNetworkList`; one that was removed from the configuration since and is
 * not installed any more is a failure here. A plugin that fails is asked once more.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion`, `LockTimeout`, `AttachedElsewhere` (nothing is stored of the attachment,
 * and another network has the interface in that namespace) or `CacheIoError` (there is no place for its locks)
 * before anything has run; and with `DetachIncomplete`, which has every failure, after everything has been tried: what is
 * stored of the attachment is kept, and `recover`, GC or another DEL tries again.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const leave = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.detach(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }).pipe(
 *     Effect.catchTag("DetachIncomplete", ({ failures }) => Effect.logError(`${failures.length} plugins failed`))
 *   )
 * ```
 */
export const detach: CniVerbs<DelNetworkListRequirements>["detach"] = Effect.fn("detach")(function*(network, conf) {
  const given = yield* validate(network, conf)
  yield* withAttachment(
    given.key,
    Effect.fnUntraced(function*(session) {
      const { attachment } = yield* fillFromStored(session, given)
      yield* detachChain(session, attachment)
    })
  )
})

/**
 * `detach` from what is stored alone: the chain, the arguments and the capability arguments as they were at ADD. For when
 * the network's configuration has changed since, or is gone. The key is used as it is stored, so that what another
 * runtime attached can be deleted. The plugins get the namespace only while its path still names the one that was
 * attached; of what another runtime attached only the path is stored.
 *
 * Fails with
 * - `NotAttached`: nothing is stored of it;
 * - `LockTimeout`: another operation held the container or the network for longer than `LockWaitLimit`;
 * - `CacheIoError`, `CacheEntryInvalid`, `CacheKindMismatch`: what is stored cannot be read, or holds no chain that can be
 *   used: delete it with `delNetworkList`, or `abandon` it;
 * - `DetachIncomplete`: plugins failed, after every one was asked; what is stored is kept.
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
export const delAttachment: CniVerbs<DelNetworkListRequirements>["delAttachment"] = Effect.fn("delAttachment")(
  (key) => withAttachment(key, deleteStored)
)

const deleteStored = Effect.fnUntraced(function*(session: Session) {
  const { entry, key, record } = session
  if (entry._tag === "Present") return yield* completeDelete(session, entry.value, { isAsked: true })
  if (record._tag === "Present") return yield* deleteByRecord(session, record.value)
  if (record._tag === "Unreadable") return yield* record.error
  return yield* entry._tag === "Unreadable" ? entry.error : new NotAttached(key)
})
