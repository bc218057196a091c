/** What the verbs give: attachments, plans of a GC, what a recovery found, and what the questions answer. */
import type { Effect } from "effect/Effect"
import * as Schema from "effect/Schema"
import type { AttachmentKey } from "./attachment/AttachmentKey.ts"
import { CacheRecord } from "./attachment/CacheEntry.ts"
import { JournalEntry } from "./attachment/JournalEntry.ts"
import { AttachmentState } from "./attachment/JournalEvent.ts"
import type { RuntimeConf } from "./attachment/RuntimeConf.ts"
import { NetworkConfigList } from "./config/NetworkConfigList.ts"
import { CacheEntryInvalid, DetachIncomplete, type PluginError } from "./errors/CniError.ts"
import { orUndefined } from "./json/JsonCodec.ts"
import { CniResult } from "./result/CniResult.ts"

const key = { network: Schema.String, containerId: Schema.String, ifName: Schema.String }

/** A container that is attached to a network: which, where, and what the plugins made. */
export const Attachment = Schema.Struct({ ...key, result: CniResult })
export type Attachment = typeof Attachment.Type

/** An attachment, and the state that it was found in. `ofEarlierBoot`: the host was started again since it was attached. */
export const Found = Schema.Struct({ ...key, state: AttachmentState, ofEarlierBoot: Schema.Boolean })
export type Found = typeof Found.Type

/**
 * What a recovery found on the host.
 *
 * - `recovered`: was left by a runtime that died, by an undo that failed, or by an earlier boot, and is gone now;
 * - `failing`: could not be deleted this time either, with the reasons; it stays in the journal;
 * - `live`: is attached, or another operation works on it; it was not touched;
 * - `damaged`: files of the journal that cannot be read; `delNetworkList` or `abandon` removes them.
 */
export const Recovery = Schema.Struct({
  recovered: Schema.Array(Found),
  failing: Schema.Array(DetachIncomplete),
  live: Schema.Array(Found),
  damaged: Schema.Array(CacheEntryInvalid)
})
export type Recovery = typeof Recovery.Type

/** An attachment that must survive a GC. */
export const GcAttachment = Schema.Struct({ containerId: Schema.String, ifName: Schema.String })
export type GcAttachment = typeof GcAttachment.Type

/**
 * The attachments that must survive, or an effect that finds them. The GC runs the effect while it holds the network alone,
 * after it has listed what is attached.
 */
export type KeepSet<E = never, R = never> =
  | ReadonlyArray<GcAttachment>
  | Effect<ReadonlyArray<GcAttachment>, E, R>

const stale = {
  network: Schema.String,
  ...GcAttachment.fields,
  list: NetworkConfigList,
  reason: Schema.Literals(["unwanted", "unfinished"])
}

/**
 * An attachment that a GC deletes, because it is not in the keep-set (`unwanted`), or because an operation on it was not
 * completed (`unfinished`), even when it is in the keep-set.
 * It has a journal entry, a record in the cache, or both; `list` is what deletes it.
 */
export const Stale = Schema.Union([
  Schema.Struct({ ...stale, entry: JournalEntry, record: orUndefined(CacheRecord) }),
  Schema.Struct({ ...stale, entry: orUndefined(Schema.Never), record: CacheRecord })
])
export type Stale = typeof Stale.Type

/** What a GC would do. */
export const GcPlan = Schema.Struct({ keep: Schema.Array(GcAttachment), stale: Schema.Array(Stale) })
export type GcPlan = typeof GcPlan.Type

/** What may be left on the host of an attachment that was abandoned: no operation will delete it. */
export interface Abandoned extends AttachmentKey {
  /** The types of the plugins that were not asked to delete it; empty where no journal entry names them. */
  readonly plugins: ReadonlyArray<string>
  readonly addresses: ReadonlyArray<string>
  /** Interfaces that are still there; `sandbox` is the path of the namespace, empty for the host's. */
  readonly interfaces: ReadonlyArray<{ readonly name: string; readonly sandbox: string }>
}

/** `config`: the text of the configuration; `conf`: the caller's parameters, with the stored arguments put in. */
export interface CachedConfig {
  readonly config: Uint8Array
  readonly conf: RuntimeConf
}

/**
 * The state of one plugin: `Ready`; `NotReady` (it cannot attach anything, code 50); `Limited` (what is attached may have
 * no connectivity, code 51); `Unsupported` (the network's version or the plugin has no STATUS).
 */
export type PluginStatus =
  | { readonly _tag: "Ready"; readonly plugin: string }
  | { readonly _tag: "NotReady"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Limited"; readonly plugin: string; readonly error: PluginError }
  | { readonly _tag: "Unsupported"; readonly plugin: string }
