/** An attachment that lasts as long as a scope. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { AttachmentKey } from "../domain/AttachmentKey.ts"
import type { CniResult } from "../domain/CniResult.ts"
import type { NetworkConfigList } from "../domain/NetworkConfigList.ts"
import type { RuntimeConf } from "../domain/RuntimeConf.ts"
import type { AddNetworkListError, AddNetworkListRequirements } from "./addNetworkList.ts"
import { addAttachment, retrying } from "./internal/addAttachment.ts"
import { detachChain } from "./internal/delChain.ts"
import { giveOver } from "./internal/journaling.ts"
import { whatIsKnown } from "./internal/known.ts"
import { withAttachment } from "./internal/locking.ts"
import { namespaceOf } from "./internal/stored.ts"
import { type Target, validate } from "./internal/target.ts"

/** A container that is attached to a network: which, where, and what the plugins made. */
export interface Attachment extends AttachmentKey {
  readonly result: CniResult
}

/**
 * Attaches a container until the scope closes, on success, failure or interruption of what follows. The end of the scope
 * asks every plugin to detach, whatever those before it say; what could not be detached keeps its record and is logged
 * as an error, with a `DetachIncomplete` that says what is left. Where the process dies before its scope closes,
 * `recover` detaches it. Fails as `addNetworkList` does, and leaves then nothing behind either.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, type NetworkConfigList } from "effect-cni"
 * import { NodeCni } from "effect-cni/node"
 *
 * const run = (network: NetworkConfigList.NetworkConfigList) =>
 *   Effect.gen(function*() {
 *     const { result } = yield* Cni.attach(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" })
 *     yield* Effect.log(`reachable at ${result.ips[0]?.address}`)
 *   }).pipe(Effect.scoped, Effect.provide(NodeCni.layerConfig))
 * ```
 */
export const attach: (
  network: NetworkConfigList,
  conf: RuntimeConf
) => Effect.Effect<Attachment, AddNetworkListError, AddNetworkListRequirements | Scope.Scope> = Effect.fn("attach")(
  function*(network, conf) {
    const target = yield* validate(network, conf)
    // One uninterruptible region, so that no interruption falls between the ADD and the promise to undo it.
    return yield* retrying((restore) =>
      addAttachment(target, { restore, scoped: true }).pipe(
        Effect.tap(({ id }) => Effect.addFinalizer(() => detachAndReport(target, id))),
        Effect.map(({ result }) => ({ ...target.key, result }))
      )
    )
  }
)

const detachAndReport = (target: Target, id: string | undefined) =>
  withAttachment(target.key, detachOwn(target, id)).pipe(
    Effect.catch(Effect.fnUntraced(function*(error) {
      yield* Effect.logError(error.message, error)
      // Nobody else would take it for theirs as long as this process lives.
      if (id !== undefined && error._tag !== "DetachIncomplete") yield* giveOver(target.key, id, error.message)
    }))
  )

// What somebody else has detached, or attached anew, since is none of ours.
const detachOwn = Effect.fnUntraced(function*(target: Target, id: string | undefined) {
  const known = yield* whatIsKnown(target.key)
  if (id === undefined || Result.isFailure(known.entry)) return yield* detachChain(target, known)
  const entry = known.entry.success
  if (entry?.id !== id) return
  yield* detachChain({ ...target, conf: { ...target.conf, netns: yield* namespaceOf(entry) } }, known)
})
