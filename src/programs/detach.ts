/** Detaches a container from a network as far as it goes. */
import * as Effect from "effect/Effect"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type {
  AttachedElsewhere,
  DetachIncomplete,
  InvalidRuntimeConf,
  InvalidVersion
} from "../domain/errors/CniError.ts"
import type { LockError } from "../services/attachment/AttachmentLock.ts"
import { whatIsKnown } from "./attachment/known.ts"
import { type Target, validate } from "./attachment/target.ts"
import { asAdded } from "./chain/asAdded.ts"
import { detachChain } from "./chain/delChain.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import type { ContainerEntries } from "./guard/collecting.ts"
import { withListed } from "./guard/locking.ts"

/** Why a detach failed. */
export type DetachError = InvalidRuntimeConf | InvalidVersion | LockError | AttachedElsewhere | DetachIncomplete

/**
 * Runs the network's plugins with DEL, last to first, each given the stored result, and asks every one of them, whatever
 * those before it said (spec, section 4 "DEL"); then forgets the attachment. It is what the end of a scope does.
 * `delNetworkList` stops at the first plugin that fails. Once the plugins run it cannot be interrupted, and all of them
 * together have `RollbackTimeLimit` (ms).
 *
 * The plugins get what the ADD was given, as with `delNetworkList`; one that was removed from the configuration since and is
 * not installed any more is a failure here. A plugin that fails is asked once more.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion`, `LockTimeout`, `AttachedElsewhere` (nothing is stored of the attachment,
 * and another network has the interface in that namespace) or `CacheIoError` (there is no place for its locks)
 * before anything has run; and with `DetachIncomplete`, which has every failure, after everything has been tried: what is
 * known of the attachment is kept, and `recover`, GC or another DEL tries again.
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
export const detach: (
  network: NetworkConfigList,
  conf: RuntimeConf
) => Effect.Effect<void, DetachError, DelNetworkListRequirements> = Effect.fn("detach")(
  function*(network, conf) {
    const target = yield* validate(network, conf)
    yield* withListed(target.key, (entries) => detachListed(target, entries))
  }
)

const detachListed = Effect.fnUntraced(function*(target: Target, entries: ContainerEntries) {
  const known = yield* whatIsKnown(target.key, entries)
  yield* detachChain((yield* asAdded(target, known, entries)).target, known)
})
