/** The contract of `Cni`: the verbs. The function of the same name in `src/programs` has the whole docstring of each verb. */
import type { Effect } from "effect/Effect"
import type { Option } from "effect/Option"
import type { Scope } from "effect/Scope"
import type { AttachmentKey } from "../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../domain/attachment/CacheEntry.ts"
import type { RuntimeConf } from "../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../domain/config/NetworkConfigList.ts"
import type { PluginConfig, StandalonePluginConfig } from "../domain/config/PluginConfig.ts"
import type * as E from "../domain/errors/VerbErrors.ts"
import type { PluginInfo } from "../domain/plugin/PluginInfo.ts"
import type { CniResult } from "../domain/result/CniResult.ts"
import type {
  Abandoned,
  Attachment,
  CachedConfig,
  GcPlan,
  KeepSet,
  PluginStatus,
  Recovery
} from "../domain/VerbOutcomes.ts"

type OfNetwork<A, E, R> = (network: NetworkConfigList, conf: RuntimeConf) => Effect<A, E, R>

type OfPlugin<A, E, R> = (plugin: StandalonePluginConfig, conf: RuntimeConf) => Effect<A, E, R>

type OfKeepSet<A, E, R> = <E1 = never, R1 = never>(
  network: NetworkConfigList,
  options: { readonly keep: KeepSet<E1, R1> }
) => Effect<A, E | E1, R | R1>

/** `Needs` is what each verb asks its context for: nothing as a member of the service. */
export interface CniVerbs<Needs = never> {
  /** Attaches a container by ADD, and detaches it by DEL when the scope closes. */
  readonly attach: OfNetwork<Attachment, E.AddNetworkListError, Needs | Scope>
  /** ADD: attaches a container until a DEL, and undoes itself when it fails or is interrupted. */
  readonly addNetworkList: OfNetwork<CniResult, E.AddNetworkListError, Needs>
  /** `addNetworkList` for one plugin, whose name and version are the network's. */
  readonly addNetwork: OfPlugin<CniResult, E.AddNetworkListError, Needs>
  /** CHECK: fails when a plugin finds that the attachment is not as the ADD made it. */
  readonly checkNetworkList: OfNetwork<void, E.CheckNetworkListError, Needs>
  /** `checkNetworkList` for one plugin. */
  readonly checkNetwork: OfPlugin<void, E.CheckNetworkListError, Needs>
  /** DEL: detaches a container, stops at the first plugin that fails, and can be run again. */
  readonly delNetworkList: OfNetwork<void, E.DelNetworkListError, Needs>
  /** `delNetworkList` for one plugin. */
  readonly delNetwork: OfPlugin<void, E.DelNetworkListError, Needs>
  /** DEL that asks every plugin, and fails at the end with all that went wrong. */
  readonly detach: OfNetwork<void, E.DetachError, Needs>
  /** `detach` by what is stored alone, when the network's configuration has changed or is gone. */
  readonly delAttachment: (key: AttachmentKey) => Effect<void, E.DelAttachmentError, Needs>
  /** Forgets an attachment without asking a plugin, and says what may be left of it. */
  readonly abandon: (key: AttachmentKey) => Effect<Abandoned, E.AbandonError, Needs>
  /** Deletes what runtimes that died have left on the host. */
  readonly recover: Effect<Recovery, E.RecoverError, Needs>
  /** GC: deletes every attachment of a network that is not to be kept, then lets the plugins clean up. */
  readonly gcNetworkList: OfKeepSet<void, E.GcNetworkListError, Needs>
  /** What `gcNetworkList` would delete. */
  readonly planGc: OfKeepSet<GcPlan, E.PlanGcError, Needs>
  /** STATUS: fails at the first plugin that is not ready. */
  readonly getStatusNetworkList: (network: NetworkConfigList) => Effect<void, E.StatusError, Needs>
  /** STATUS of every plugin, and which of them are too old to be asked. */
  readonly networkStatus: (network: NetworkConfigList) => Effect<ReadonlyArray<PluginStatus>, E.StatusError, Needs>
  /** VERSION: which versions of the specification a plugin speaks. */
  readonly getVersionInfo: (type: string) => Effect<PluginInfo, E.VersionInfoError, Needs>
  /** Whether every plugin is installed and speaks the network's version; gives the network's capabilities. */
  readonly validateNetworkList: (
    network: NetworkConfigList
  ) => Effect<ReadonlyArray<string>, E.ValidateNetworkListError, Needs>
  /** `validateNetworkList` for one plugin, by its own version. */
  readonly validateNetwork: (plugin: PluginConfig) => Effect<ReadonlyArray<string>, E.ValidateNetworkError, Needs>
  /** The records of all attachments, or of one container's. */
  readonly getCachedAttachments: (
    filter?: { readonly containerId?: string }
  ) => Effect<ReadonlyArray<CacheRecord>, E.CachedAttachmentsError, Needs>
  /** The stored result of an attachment, in the version of the network. */
  readonly getNetworkListCachedResult: OfNetwork<Option<CniResult>, E.CachedResultError, Needs>
  /** `getNetworkListCachedResult` for one plugin. */
  readonly getNetworkCachedResult: OfPlugin<Option<CniResult>, E.CachedResultError, Needs>
  /** The configuration and the parameters that an attachment was made with. */
  readonly getNetworkListCachedConfig: OfNetwork<Option<CachedConfig>, E.CachedConfigError, Needs>
  /** `getNetworkListCachedConfig` for one plugin. */
  readonly getNetworkCachedConfig: OfPlugin<Option<CachedConfig>, E.CachedConfigError, Needs>
}
