/** The errors of each verb of `Cni`, as one Schema for each: what a caller can decode that runs a verb elsewhere. */
import * as Schema from "effect/Schema"
import * as E from "./CniError.ts"

const input = [E.InvalidRuntimeConf, E.InvalidVersion] as const

const lock = [E.LockTimeout, E.CacheIoError] as const

const discovery = [E.InvalidPluginType, E.PluginNotFound, E.PluginNotExecutable] as const

const run = [E.PluginError, E.PluginTimeout, E.PluginSpawnFailed, E.PluginOutputInvalid] as const

/** Why `attach`, `addNetworkList` or `addNetwork` failed. */
export const AddNetworkListError = Schema.Union([
  ...input,
  ...lock,
  ...discovery,
  ...run,
  E.ConfigInvalid,
  E.AttachmentExists,
  E.InterfaceExists,
  E.OwnNamespace,
  E.VersionNotSupported,
  E.CacheKeyCollision,
  E.CacheEntryInvalid,
  E.RollbackFailed
])
export type AddNetworkListError = typeof AddNetworkListError.Type

/** Why `checkNetworkList` or `checkNetwork` failed. */
export const CheckNetworkListError = Schema.Union([
  ...input,
  ...lock,
  ...discovery,
  ...run,
  E.CheckNotSupported,
  E.NotAttached,
  E.CacheEntryInvalid
])
export type CheckNetworkListError = typeof CheckNetworkListError.Type

/** Why `delNetworkList` or `delNetwork` failed. */
export const DelNetworkListError = Schema.Union([...input, ...lock, ...discovery, ...run, E.AttachedElsewhere])
export type DelNetworkListError = typeof DelNetworkListError.Type

/** Why `detach` failed. */
export const DetachError = Schema.Union([...input, ...lock, E.AttachedElsewhere, E.DetachIncomplete])
export type DetachError = typeof DetachError.Type

/** Why `delAttachment` failed. */
export const DelAttachmentError = Schema.Union([
  ...lock,
  E.NotAttached,
  E.CacheEntryInvalid,
  E.CacheKindMismatch,
  E.DetachIncomplete
])
export type DelAttachmentError = typeof DelAttachmentError.Type

/** Why `abandon` failed. */
export const AbandonError = Schema.Union([...lock, E.NotAttached])
export type AbandonError = typeof AbandonError.Type

/** Why `recover` failed. */
export const RecoverError = E.CacheIoError
export type RecoverError = typeof RecoverError.Type

/** Why `planGc` gave no plan, apart from what its keep-set failed with. */
export const PlanGcError = Schema.Union([...input, ...lock])
export type PlanGcError = typeof PlanGcError.Type

/** Why `gcNetworkList` failed, apart from what its keep-set failed with. */
export const GcNetworkListError = Schema.Union([...input, ...lock, E.GcIncomplete])
export type GcNetworkListError = typeof GcNetworkListError.Type

/** Why `getStatusNetworkList` or `networkStatus` failed. */
export const StatusError = Schema.Union([...input, ...discovery, ...run])
export type StatusError = typeof StatusError.Type

/** Why `getVersionInfo` failed. */
export const VersionInfoError = Schema.Union([...discovery, ...run])
export type VersionInfoError = typeof VersionInfoError.Type

/** Why `validateNetworkList` failed. */
export const ValidateNetworkListError = E.NetworkInvalid
export type ValidateNetworkListError = typeof ValidateNetworkListError.Type

/** Why `validateNetwork` failed. */
export const ValidateNetworkError = E.ValidationFailure
export type ValidateNetworkError = typeof ValidateNetworkError.Type

/** Why `getCachedAttachments` failed. */
export const CachedAttachmentsError = Schema.Union([E.InvalidRuntimeConf, E.CacheIoError])
export type CachedAttachmentsError = typeof CachedAttachmentsError.Type

/** Why `getNetworkListCachedResult` or `getNetworkCachedResult` failed. */
export const CachedResultError = Schema.Union([E.InvalidRuntimeConf, E.CacheIoError, E.CacheEntryInvalid])
export type CachedResultError = typeof CachedResultError.Type

/** Why `getNetworkListCachedConfig` or `getNetworkCachedConfig` failed. */
export const CachedConfigError = Schema.Union([...CachedResultError.members, E.CacheKindMismatch])
export type CachedConfigError = typeof CachedConfigError.Type
