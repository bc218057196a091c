/** The error and requirement channels are API: adding an error is a change that users must be told of. */
import { expectTypeOf, it } from "@effect/vitest"
import {
  type Abandoned,
  type Attachment,
  type AttachmentCache,
  type AttachmentJournal,
  type AttachmentLock,
  type CachedConfig,
  type CacheEntry,
  Cni,
  type CniError as E,
  type CniResult,
  type CniVerbs,
  type GcPlan,
  type NetworkConfigs,
  type NetworkNamespaces,
  type OrphanPlugins,
  type PluginDiscovery,
  type PluginExec,
  type PluginInfo,
  type PluginStatus,
  type PluginVersions,
  type Recovery,
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
type All =
  | PluginExec
  | PluginDiscovery
  | PluginVersions
  | AttachmentCache
  | AttachmentJournal
  | AttachmentLock
  | OrphanPlugins
  | NetworkConfigs
  | NetworkNamespaces
  | VersionComparison
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
    Effect.Effect<CniResult.CniResult, Add, Cni>
  >()
  expectTypeOf<ReturnType<typeof Cni.addNetwork>>().toEqualTypeOf<Effect.Effect<CniResult.CniResult, Add, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.attach>>().toEqualTypeOf<
    Effect.Effect<Attachment, Add, Cni | Scope.Scope>
  >()
  type Check = Input | Discovery | Run | Lock | Stored | E.CheckNotSupported | E.NotAttached
  expectTypeOf<ReturnType<typeof Cni.checkNetworkList>>().toEqualTypeOf<Effect.Effect<void, Check, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.checkNetwork>>().toEqualTypeOf<Effect.Effect<void, Check, Cni>>()
  type Del = Input | Discovery | Run | Lock | E.AttachedElsewhere
  expectTypeOf<ReturnType<typeof Cni.delNetworkList>>().toEqualTypeOf<Effect.Effect<void, Del, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.delNetwork>>().toEqualTypeOf<Effect.Effect<void, Del, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.detach>>().toEqualTypeOf<
    Effect.Effect<void, Input | Lock | E.AttachedElsewhere | E.DetachIncomplete, Cni>
  >()
  expectTypeOf<ReturnType<typeof Cni.delAttachment>>().toEqualTypeOf<
    Effect.Effect<void, Lock | Stored | E.NotAttached | E.CacheKindMismatch | E.DetachIncomplete, Cni>
  >()
  expectTypeOf<ReturnType<typeof Cni.abandon>>().toEqualTypeOf<
    Effect.Effect<
      Abandoned,
      Lock | E.NotAttached,
      Cni
    >
  >()
  expectTypeOf(Cni.recover).toEqualTypeOf<Effect.Effect<Recovery, E.CacheIoError, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.getNetworkListCachedResult>>().toEqualTypeOf<
    Effect.Effect<
      Option.Option<CniResult.CniResult>,
      E.InvalidRuntimeConf | Stored,
      Cni
    >
  >()
  expectTypeOf<ReturnType<typeof Cni.getNetworkListCachedConfig>>().toEqualTypeOf<
    Effect.Effect<
      Option.Option<CachedConfig>,
      E.InvalidRuntimeConf | E.CacheIoError | E.CacheEntryInvalid | E.CacheKindMismatch,
      Cni
    >
  >()
})

it("pins the operations on whole networks", () => {
  type Valid = Discovery | Run | E.VersionNotSupported
  expectTypeOf<ReturnType<typeof Cni.getVersionInfo>>().toEqualTypeOf<
    Effect.Effect<PluginInfo.PluginInfo, Discovery | Run, Cni>
  >()
  expectTypeOf<ReturnType<typeof Cni.validateNetworkList>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<string>, E.NetworkInvalid, Cni>
  >()
  expectTypeOf<ReturnType<typeof Cni.validateNetwork>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<string>, Valid, Cni>
  >()
  type Status = Input | Discovery | Run
  expectTypeOf<ReturnType<typeof Cni.getStatusNetworkList>>().toEqualTypeOf<Effect.Effect<void, Status, Cni>>()
  expectTypeOf<ReturnType<typeof Cni.networkStatus>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<PluginStatus>, Status, Cni>
  >()
  expectTypeOf(Cni.gcNetworkList<"who", Scope.Scope>).returns.toEqualTypeOf<
    Effect.Effect<void, Input | Lock | E.GcIncomplete | "who", Cni | Scope.Scope>
  >()
  expectTypeOf(Cni.planGc<never, never>).returns.toEqualTypeOf<
    Effect.Effect<
      GcPlan,
      Input | Lock,
      Cni
    >
  >()
  expectTypeOf<ReturnType<typeof Cni.getCachedAttachments>>().toEqualTypeOf<
    Effect.Effect<ReadonlyArray<CacheEntry.CacheRecord>, E.CacheIoError | E.InvalidRuntimeConf, Cni>
  >()
})

it("pins what the service is made of, and what it gives", () => {
  expectTypeOf(Cni.layer).toEqualTypeOf<Layer.Layer<Cni, never, All>>()
  expectTypeOf<Cni["Service"]>().toEqualTypeOf<CniVerbs>()
  expectTypeOf<ReturnType<CniVerbs["attach"]>>().toEqualTypeOf<
    Effect.Effect<Attachment, Add, Scope.Scope>
  >()
  expectTypeOf<CniVerbs["recover"]>().toEqualTypeOf<Effect.Effect<Recovery, E.CacheIoError>>()
  expectTypeOf<ReturnType<typeof NodeCni.layer<never>>>().toEqualTypeOf<Layer.Layer<Cni | All>>()
  expectTypeOf<typeof NodeCni.layerConfig>().toEqualTypeOf<Layer.Layer<Cni | All, Config.ConfigError>>()
  expectTypeOf<ReturnType<typeof MemoryCni.layer>>().toEqualTypeOf<Layer.Layer<Cni | All | PluginInvocations>>()
})
