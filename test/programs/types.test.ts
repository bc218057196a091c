/** The error and requirement channels are API: adding an error is a change that users must be told of. */
import { expectTypeOf, it } from "@effect/vitest"
import {
  type AttachmentCache,
  type AttachmentJournal,
  type AttachmentLock,
  type CacheEntry,
  Cni,
  type CniError as E,
  type CniResult,
  type NetworkConfigs,
  type NetworkNamespaces,
  type OrphanPlugins,
  type PluginDiscovery,
  type PluginExec,
  type PluginInfo,
  type PluginVersions,
  type VersionComparison
} from "effect-cni"
import type { NodeCni } from "effect-cni/node"
import type { MemoryCni, PluginInvocations } from "effect-cni/testing"
import type * as Config from "effect/Config"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

type Input = E.InvalidRuntimeConf | E.InvalidVersion
type Discovery = E.PluginNotFound | E.PluginNotExecutable | E.InvalidPluginType
type Run = E.PluginError | E.PluginTimeout | E.PluginSpawnFailed | E.PluginOutputInvalid
type Stored = E.CacheIoError | E.CacheEntryInvalid
type Lock = E.LockTimeout | E.CacheIoError
type Services =
  | PluginExec
  | PluginDiscovery
  | AttachmentCache
  | AttachmentJournal
  | AttachmentLock
  | OrphanPlugins
  | NetworkNamespaces
  | VersionComparison
type All = Services | PluginVersions | NetworkConfigs
type Adding = Services | PluginVersions
type Add =
  | Input
  | Discovery
  | Run
  | Lock
  | E.AttachmentExists
  | E.InterfaceExists
  | E.OwnNamespace
  | E.VersionNotSupported
  | E.CacheEntryInvalid
  | E.ConfigInvalid
  | E.CacheKeyCollision
  | E.RollbackFailed

it("pins what each operation gives, fails with and needs", () => {
  expectTypeOf<ReturnType<typeof Cni.addNetworkList>>().toEqualTypeOf<
    Effect.Effect<CniResult.CniResult, Add, Adding>
  >()
  expectTypeOf<ReturnType<typeof Cni.addNetwork>>().toEqualTypeOf<Effect.Effect<CniResult.CniResult, Add, Adding>>()
  expectTypeOf<ReturnType<typeof Cni.attach>>().toEqualTypeOf<
    Effect.Effect<Cni.Attachment, Add, Adding | Scope.Scope>
  >()
  type Check = Input | Discovery | Run | Lock | Stored | E.CheckNotSupported | E.NotAttached
  type Look = Exclude<Services, NetworkNamespaces>
  expectTypeOf<ReturnType<typeof Cni.checkNetworkList>>().toEqualTypeOf<Effect.Effect<void, Check, Look>>()
  expectTypeOf<ReturnType<typeof Cni.checkNetwork>>().toEqualTypeOf<Effect.Effect<void, Check, Look>>()
  type Del = Input | Discovery | Run | Lock | E.AttachedElsewhere
  expectTypeOf<ReturnType<typeof Cni.delNetworkList>>().toEqualTypeOf<Effect.Effect<void, Del, Services>>()
  expectTypeOf<ReturnType<typeof Cni.delNetwork>>().toEqualTypeOf<Effect.Effect<void, Del, Services>>()
  expectTypeOf<ReturnType<typeof Cni.detach>>().toEqualTypeOf<
    Effect.Effect<void, Input | Lock | E.AttachedElsewhere | E.DetachIncomplete, Services>
  >()
  expectTypeOf<ReturnType<typeof Cni.delAttachment>>().toEqualTypeOf<
    Effect.Effect<void, Lock | Stored | E.NotAttached | E.CacheKindMismatch | E.DetachIncomplete, Services>
  >()
  expectTypeOf<ReturnType<typeof Cni.abandon>>().toEqualTypeOf<
    Effect.Effect<
      Cni.Abandoned,
      Lock | E.NotAttached,
      Exclude<Services, PluginExec | PluginDiscovery | VersionComparison>
    >
  >()
  expectTypeOf(Cni.recover).toEqualTypeOf<Effect.Effect<Cni.Recovery, E.CacheIoError, Services>>()
  expectTypeOf<ReturnType<typeof Cni.getNetworkListCachedResult>>().toEqualTypeOf<
    Effect.Effect<
      Option.Option<CniResult.CniResult>,
      E.InvalidRuntimeConf | Stored,
      AttachmentCache | AttachmentJournal
    >
  >()
  expectTypeOf<ReturnType<typeof Cni.getNetworkListCachedConfig>>().toEqualTypeOf<
    Effect.Effect<
      Option.Option<Cni.CachedConfig>,
      E.InvalidRuntimeConf | E.CacheIoError | E.CacheEntryInvalid | E.CacheKindMismatch,
      AttachmentCache | AttachmentJournal
    >
  >()
})

it("pins the operations on whole networks", () => {
  type Valid = Discovery | Run | E.VersionNotSupported
  expectTypeOf<ReturnType<typeof Cni.getVersionInfo>>().toEqualTypeOf<
    Effect.Effect<PluginInfo.PluginInfo, Discovery | Run, PluginVersions>
  >()
  expectTypeOf<ReturnType<typeof Cni.validateNetworkList>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<string>, E.NetworkInvalid, PluginVersions>
  >()
  expectTypeOf<ReturnType<typeof Cni.validateNetwork>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<string>, Valid, PluginVersions>
  >()
  type Status = Input | Discovery | Run
  type Ask = VersionComparison | PluginExec | PluginDiscovery
  expectTypeOf<ReturnType<typeof Cni.getStatusNetworkList>>().toEqualTypeOf<Effect.Effect<void, Status, Ask>>()
  expectTypeOf<ReturnType<typeof Cni.networkStatus>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<Cni.PluginStatus>, Status, Ask>
  >()
  expectTypeOf(Cni.gcNetworkList<"who", Scope.Scope>).returns.toEqualTypeOf<
    Effect.Effect<void, Input | Lock | E.GcIncomplete | "who", Services | Scope.Scope>
  >()
  expectTypeOf(Cni.planGc<never, never>).returns.toEqualTypeOf<
    Effect.Effect<
      Cni.GcPlan,
      Input | Lock,
      AttachmentCache | AttachmentJournal | AttachmentLock | OrphanPlugins | VersionComparison
    >
  >()
  expectTypeOf<ReturnType<typeof Cni.getCachedAttachments>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<CacheEntry.CacheRecord>, E.CacheIoError | E.InvalidRuntimeConf, AttachmentCache>
  >()
})

it("pins what the bundles give", () => {
  expectTypeOf<ReturnType<typeof NodeCni.layer<never>>>().toEqualTypeOf<Layer.Layer<All>>()
  expectTypeOf<typeof NodeCni.layerConfig>().toEqualTypeOf<Layer.Layer<All, Config.ConfigError>>()
  expectTypeOf<ReturnType<typeof MemoryCni.layer>>().toEqualTypeOf<Layer.Layer<All | PluginInvocations>>()
})
