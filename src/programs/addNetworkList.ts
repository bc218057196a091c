/** Attaches a container to a network until it is deleted. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type { AttachmentKey } from "../domain/attachment/AttachmentKey.ts"
import { ofPlugin } from "../domain/config/NetworkConfigList.ts"
import { AttachmentExists } from "../domain/errors/CniError.ts"
import { isChainRace } from "../domain/errors/IptablesChainRace.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import type { PluginVersions } from "../services/plugin/PluginVersions.ts"
import { Compat, TryAgainRetry } from "../services/Tunables.ts"
import { unfinished } from "./attachment/lookUp.ts"
import { validateAdd, type ValidatedAttachment } from "./attachment/ValidatedAttachment.ts"
import { addChain, type AddOptions } from "./chain/addChain.ts"
import { completeOrRefuse } from "./chain/ensureInterfaceFree.ts"
import type { DelNetworkListRequirements } from "./delNetworkList.ts"
import { withAttachment } from "./guard/attachmentSession.ts"
import { isTryAgain } from "./plugin/invokePlugin.ts"

/** What ADD needs. */
export type AddNetworkListRequirements = DelNetworkListRequirements | PluginVersions

/**
 * Runs the network's plugins with ADD, first to last, each given the result of the one before it, stores the last
 * result and returns it (spec, section 3 "Attachment operations"). The attachment stays until DEL; `attach` is the form
 * that detaches by itself. When it fails, times out or is interrupted, the plugins that were started are undone by DEL,
 * last to first; when the process dies, `recover` or the next operation on the container undoes them. No two operations
 * on one container overlap, nor does a GC of the network.
 *
 * Before anything has run it fails with
 * - `InvalidRuntimeConf`, `InvalidVersion`: a name, an argument or the version cannot be used, or, where
 *   `UnusedArguments` is `"fail"`, a capability argument reaches no plugin;
 * - `ConfigInvalid`: the network has no plugins;
 * - `InvalidPluginType`, `PluginNotFound`, `PluginNotExecutable`: one of them has no executable;
 * - `LockTimeout`: another operation held the container or the network for longer than `LockWaitLimit`;
 * - `AttachmentExists`: the container has that interface already, on this network or another, or something is left of it
 *   that could not be deleted now;
 * - `InterfaceExists`: the namespace has an interface of that name, which this cache directory knows nothing of;
 *   `OwnNamespace`: it is the one that this process runs in. `Tunables.ExistingInterface` and `OwnNamespace` allow these;
 * - `VersionNotSupported`: a plugin has answered VERSION before, and does not speak the version of the configuration;
 * - `CacheKeyCollision`, `CacheIoError`, `CacheEntryInvalid`: its files are another attachment's, cannot be read or
 *   written, or its journal entry is damaged.
 *
 * After that, and after the undo, with
 * - `PluginError`: a plugin said no;
 * - `PluginTimeout`, `PluginSpawnFailed`, `PluginOutputInvalid`: it ran too long (`PluginTimeLimit`, ms), could not be
 *   started, or gave no usable result;
 * - `CacheIoError`: the result could not be stored;
 * - `RollbackFailed`: one of these, or an interruption, and then the undo failed too.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, NetworkConfigList } from "effect-cni"
 *
 * const attached = Effect.gen(function*() {
 *   const network = yield* NetworkConfigList.fromText(
 *     `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge","ipam":{"type":"host-local","subnet":"10.1.0.0/24"}}]}`
 *   )
 *   const result = yield* Cni.addNetworkList(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" })
 *   return result.ips[0]?.address // "10.1.0.2/24"
 * })
 * ```
 */
export const addNetworkList: CniVerbs<AddNetworkListRequirements>["addNetworkList"] = Effect.fn("addNetworkList")(
  function*(network, conf) {
    const attachment = yield* validateAdd(network, conf)
    return yield* addAttachment(attachment, { scoped: false, onAttached: () => {} })
  }
)

/**
 * `addNetworkList` for one plugin, whose own name and version are those of the network, and whose text is what the cache
 * keeps. It fails as `addNetworkList` does, and with `InvalidRuntimeConf` (code 7) when the plugin has no name.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni, PluginConfig } from "effect-cni"
 *
 * const loopback = Effect.gen(function*() {
 *   const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"lo","type":"loopback"}`)
 *   return yield* Cni.addNetwork(plugin, { containerId: "c1", netns: "/run/netns/c1", ifName: "lo" })
 * })
 * ```
 */
export const addNetwork: CniVerbs<AddNetworkListRequirements>["addNetwork"] = Effect.fn("addNetwork")(
  (plugin, conf) => addNetworkList(ofPlugin(plugin), conf)
)

/**
 * Attaches, or leaves nothing behind. Tries again where a plugin asked for that, and once where another process made the
 * same chain of iptables at the same time; the ADD has been undone by then.
 */
export const addAttachment = (attachment: ValidatedAttachment, options: AddOptions) =>
  retrying(addPastLeftovers(attachment, options))

const addPastLeftovers = Effect.fnUntraced(function*(attachment: ValidatedAttachment, options: AddOptions) {
  const { key } = attachment
  for (let repairs = 0;; repairs++) {
    const outcome = yield* withAttachment(key, (session) => addChain(session, attachment, options))
    if (outcome._tag === "Added") return outcome.result
    const existing = outcome.key.network
    if (repairs === maxRepairs) return yield* new AttachmentExists({ ...key, existing, state: "failed", failures: [] })
    yield* completeElsewhere(key, outcome.key)
  }
})

// As many networks may have left something on the same interface.
const maxRepairs = 3

// With the lock of that network, which must not be asked for while the container's lock is held.
const completeElsewhere = (wanted: AttachmentKey, key: AttachmentKey) =>
  withAttachment(
    key,
    Effect.fnUntraced(function*(session) {
      const left = yield* unfinished(session)
      if (left !== undefined) yield* completeOrRefuse(wanted, session, left)
    })
  )

// In an uninterruptible region, because an interruption would else hide what its undo has failed with.
const retrying = <A, E, R>(adding: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const trying = Effect.exit(pastChainRace(restore(adding)))
    let exit = yield* trying
    if (!isFailedBy(exit, isTryAgain)) return yield* exit
    const step = yield* Schedule.toStepWithSleep(yield* TryAgainRetry)
    while (isFailedBy(exit, isTryAgain)) {
      const again = Effect.as(restore(step(exit.cause)), true)
      if (!(yield* Pull.catchDone(again, () => Effect.succeed(false)))) break
      exit = yield* trying
    }
    return yield* exit
  }))

const pastChainRace = Effect.fnUntraced(function*<A, E, R>(adding: Effect.Effect<A, E, R>) {
  const exit = yield* Effect.exit(adding)
  return yield* (isFailedBy(exit, isChainRace) && (yield* Compat) === "safe" ? adding : exit)
})

const isFailedBy = <A, E>(exit: Exit.Exit<A, E>, isReason: (error: unknown) => boolean): exit is Exit.Failure<A, E> =>
  Exit.isFailure(exit) && exit.cause.reasons.every((reason) => Cause.isFailReason(reason) && isReason(reason.error))
