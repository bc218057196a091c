/** Says what a GC of a network would delete. */
import * as Effect from "effect/Effect"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { InvalidRuntimeConf, InvalidVersion } from "../domain/errors/CniError.ts"
import type { AttachmentCache } from "../services/attachment/AttachmentCache.ts"
import type { LockError } from "../services/attachment/AttachmentLock.ts"
import type { VersionComparison } from "../services/plugin/VersionComparison.ts"
import { validateNetwork } from "./attachment/target.ts"
import { type GcAttachment, type GcPlan, type KeepSet, planLocked, type Stale } from "./chain/planLocked.ts"
import { type Requirements as LockRequirements, withNetwork } from "./guard/locking.ts"

export type { GcAttachment, GcPlan, KeepSet, Stale }

/** Why there is no plan, apart from what the keep-set says. */
export type PlanGcError = InvalidRuntimeConf | InvalidVersion | LockError

/** What a plan needs. */
export type PlanGcRequirements = AttachmentCache | LockRequirements | VersionComparison

/**
 * What `gcNetworkList` would do with the same arguments (spec, section 4 "GC"): every attachment of the network that is
 * not in the keep-set is stale, and so is what an operation has left there that failed or died. A stale attachment is
 * deleted by the chain that it was made with; the given one is used only where nothing usable is stored. What another
 * machine has attached by a shared cache is never stale. With `disableGC` nothing is stale. While it looks, nothing else happens on the network.
 *
 * Fails with `InvalidRuntimeConf`, `InvalidVersion` or `LockTimeout` before anything is read, with `CacheIoError` when the
 * cache or the journal cannot be listed, and as the keep-set does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 *
 * const staleContainers = (network: NetworkConfigList.NetworkConfigList) =>
 *   Cni.planGc(network, { keep: [{ containerId: "c1", ifName: "eth0" }] }).pipe(
 *     Effect.map(({ stale }) => stale.map(({ containerId }) => containerId))
 *   )
 * ```
 */
export const planGc: <E = never, R = never>(
  network: NetworkConfigList,
  options: { readonly keep: KeepSet<E, R> }
) => Effect.Effect<GcPlan, PlanGcError | E, PlanGcRequirements | R> = Effect.fn("planGc")(
  function*<E, R>(
    network: NetworkConfigList,
    options: { readonly keep: KeepSet<E, R> }
  ): Effect.fn.Return<GcPlan, PlanGcError | E, PlanGcRequirements | R> {
    const name = yield* validateNetwork(network)
    if (network.disableGC) return { keep: [], stale: [] }
    return yield* withNetwork(name, "exclusive", planLocked(network, options.keep))
  }
)
