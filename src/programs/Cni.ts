/** The service `Cni`: everything that a runtime does with the Container Network Interface, verb by verb. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { KeepSet } from "../domain/VerbOutcomes.ts"
import { type CniServices, serviceTags } from "../services/CniServices.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import * as Tunables from "../services/Tunables.ts"
import { abandon } from "./abandon.ts"
import { addNetwork, addNetworkList } from "./addNetworkList.ts"
import { attach } from "./attach.ts"
import {
  getCachedAttachments,
  getNetworkCachedConfig,
  getNetworkCachedResult,
  getNetworkListCachedConfig,
  getNetworkListCachedResult
} from "./cachedAttachments.ts"
import { checkNetwork, checkNetworkList } from "./checkNetworkList.ts"
import { delNetwork, delNetworkList } from "./delNetworkList.ts"
import { delAttachment, detach } from "./detach.ts"
import { gcNetworkList, planGc } from "./gcNetworkList.ts"
import { getStatusNetworkList, networkStatus } from "./networkStatus.ts"
import { recover } from "./recover.ts"
import { getVersionInfo, validateNetwork, validateNetworkList } from "./validateNetworkList.ts"

const tag = Context.Service<Cni, CniVerbs>()("effect-cni/Cni")

const accessors: CniVerbs<Cni> = {
  attach: (network, conf) => tag.use((cni) => cni.attach(network, conf)),
  addNetworkList: (network, conf) => tag.use((cni) => cni.addNetworkList(network, conf)),
  addNetwork: (plugin, conf) => tag.use((cni) => cni.addNetwork(plugin, conf)),
  checkNetworkList: (network, conf) => tag.use((cni) => cni.checkNetworkList(network, conf)),
  checkNetwork: (plugin, conf) => tag.use((cni) => cni.checkNetwork(plugin, conf)),
  delNetworkList: (network, conf) => tag.use((cni) => cni.delNetworkList(network, conf)),
  delNetwork: (plugin, conf) => tag.use((cni) => cni.delNetwork(plugin, conf)),
  detach: (network, conf) => tag.use((cni) => cni.detach(network, conf)),
  delAttachment: (key) => tag.use((cni) => cni.delAttachment(key)),
  abandon: (key) => tag.use((cni) => cni.abandon(key)),
  recover: tag.use((cni) => cni.recover),
  gcNetworkList: (network, options) => tag.use((cni) => cni.gcNetworkList(network, options)),
  planGc: (network, options) => tag.use((cni) => cni.planGc(network, options)),
  getStatusNetworkList: (network) => tag.use((cni) => cni.getStatusNetworkList(network)),
  networkStatus: (network) => tag.use((cni) => cni.networkStatus(network)),
  getVersionInfo: (type) => tag.use((cni) => cni.getVersionInfo(type)),
  validateNetworkList: (network) => tag.use((cni) => cni.validateNetworkList(network)),
  validateNetwork: (plugin) => tag.use((cni) => cni.validateNetwork(plugin)),
  getCachedAttachments: (filter) => tag.use((cni) => cni.getCachedAttachments(filter)),
  getNetworkListCachedResult: (network, conf) => tag.use((cni) => cni.getNetworkListCachedResult(network, conf)),
  getNetworkCachedResult: (plugin, conf) => tag.use((cni) => cni.getNetworkCachedResult(plugin, conf)),
  getNetworkListCachedConfig: (network, conf) => tag.use((cni) => cni.getNetworkListCachedConfig(network, conf)),
  getNetworkCachedConfig: (plugin, conf) => tag.use((cni) => cni.getNetworkCachedConfig(plugin, conf))
}

const Accessible: typeof tag & CniVerbs<Cni> = Object.assign(tag, accessors)

const pickServices = Context.pick(...serviceTags)
const pickTunables = Context.pick(...Object.values(Tunables))

const make = Effect.map(Effect.context<CniServices>(), (built): CniVerbs => {
  const services = pickServices(built)
  const tunables = pickTunables(built)
  const locally = <A, E, R>(verb: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, CniServices>> => {
    const served: Effect.Effect<A, E, Exclude<R, CniServices>> = Effect.provideContext(verb, services)
    // The caller's own tunables win.
    return Effect.updateContext(
      served,
      (caller: Context.Context<Exclude<R, CniServices>>) => Context.merge(tunables, caller)
    )
  }
  const local =
    <Args extends ReadonlyArray<unknown>, A, E, R>(verb: (...args: Args) => Effect.Effect<A, E, R>) =>
    (...args: Args) => locally(verb(...args))
  return {
    attach: local(attach),
    addNetworkList: local(addNetworkList),
    addNetwork: local(addNetwork),
    checkNetworkList: local(checkNetworkList),
    checkNetwork: local(checkNetwork),
    delNetworkList: local(delNetworkList),
    delNetwork: local(delNetwork),
    detach: local(detach),
    delAttachment: local(delAttachment),
    abandon: local(abandon),
    recover: locally(recover),
    gcNetworkList: (network, { keep }) => withKeep(keep, (own) => locally(gcNetworkList(network, { keep: own }))),
    planGc: (network, { keep }) => withKeep(keep, (own) => locally(planGc(network, { keep: own }))),
    getStatusNetworkList: local(getStatusNetworkList),
    networkStatus: local(networkStatus),
    getVersionInfo: local(getVersionInfo),
    validateNetworkList: local(validateNetworkList),
    validateNetwork: local(validateNetwork),
    getCachedAttachments: local(getCachedAttachments),
    getNetworkListCachedResult: local(getNetworkListCachedResult),
    getNetworkCachedResult: local(getNetworkCachedResult),
    getNetworkListCachedConfig: local(getNetworkListCachedConfig),
    getNetworkCachedConfig: local(getNetworkCachedConfig)
  }
})

// A keep-set is the caller's effect: it runs inside of a verb, but on the services of the caller.
const withKeep = <E, R, A2, E2, R2>(
  keep: KeepSet<E, R>,
  run: (keep: KeepSet<E, R>) => Effect.Effect<A2, E2, R2>
): Effect.Effect<A2, E2, R | R2> =>
  Effect.isEffect(keep)
    ? Effect.contextWith((caller: Context.Context<R>) =>
      run(Effect.updateContext(keep, (verb: Context.Context<R>) => Context.merge(verb, pickServices(caller))))
    )
    : run(keep)

/**
 * The verbs as one service, so that a program names one requirement, a test mocks one verb, and another layer runs the verbs
 * elsewhere. `Cni.attach(…)` and its like run the verb of the service in the context.
 *
 * @example
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Cni, type VerbErrors } from "effect-cni"
 *
 * const cleanUp: Effect.Effect<number, VerbErrors.RecoverError, Cni> = Effect.map(Cni.recover, ({ recovered }) => recovered.length)
 *
 * const NothingToRecover = Layer.mock(Cni, {
 *   recover: Effect.succeed({ recovered: [], failing: [], live: [], damaged: [] })
 * })
 * ```
 */
export class Cni extends Accessible {
  /**
   * The verbs on the ten services in the context, of which it keeps these and the `Tunables` that are set there. All else is
   * the caller's when a verb runs: scope, clock, tracer and logger, and every tunable that the caller sets. The keep-set of a
   * GC runs with the caller's own services.
   */
  static readonly layer: Layer.Layer<Cni, never, CniServices> = Layer.fresh(Layer.effect(Cni, make))
}
