/** Writes into the journal what an operation does, so that another process can complete it after a crash. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheEntry } from "../../domain/attachment/CacheEntry.ts"
import { type JournalEntry, type NamespaceId, networkKey } from "../../domain/attachment/JournalEntry.ts"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import { type CacheIoError, CacheKeyCollision } from "../../domain/errors/CniError.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import { Compat } from "../../services/Tunables.ts"
import { isAbsent, type StoredAttachment, valueOf } from "../attachment/lookUp.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { OnPluginStart } from "../plugin/invokePlugin.ts"

/** What an operation does with the journal entry of its attachment. {@link noJournal} drops everything. */
export interface JournalHandle {
  /** Notes which process a plugin is. A crash before that is found by the environment of the plugin. */
  readonly started: OnPluginStart | undefined
  /** Notes what a plugin has made. */
  readonly succeeded: (result: CniResult) => Effect.Effect<void, CacheIoError>
  /** Notes that the ADD is complete. */
  readonly attached: Effect.Effect<void, CacheIoError>
  /** Notes that the attachment is left to be deleted. */
  readonly failed: (issue: string) => Effect.Effect<void>
  /** Removes the entry. */
  readonly forget: Effect.Effect<void, CacheIoError>
}

export const noJournal: JournalHandle = {
  started: undefined,
  succeeded: () => Effect.void,
  attached: Effect.void,
  failed: () => Effect.void,
  forget: Effect.void
}

const handleOf = (journal: AttachmentJournal["Service"], key: AttachmentKey.AttachmentKey): JournalHandle => ({
  started: (command, path) => (process) => orWarn(journal.note(key, { _tag: "Started", command, path, ...process })),
  succeeded: ({ json }) => journal.note(key, { _tag: "Succeeded", result: json }),
  attached: became(journal, key, { state: "attached" }),
  failed: (issue) => orWarn(became(journal, key, { state: "failed", issue })),
  forget: journal.remove(key)
})

const became = (
  journal: AttachmentJournal["Service"],
  key: AttachmentKey.AttachmentKey,
  change: Pick<JournalEntry, "state"> & Partial<Pick<JournalEntry, "operation" | "id">> & { readonly issue?: string }
) => Effect.flatMap(Clock.currentTimeMillis, (at) => journal.note(key, { _tag: "Became", at, ...change }))

/** Goes on where the journal cannot be brought up to date, and logs that. */
export const orWarn = <R>(writing: Effect.Effect<void, CacheIoError, R>): Effect.Effect<void, never, R> =>
  Effect.catch(writing, ({ message }) => Effect.logWarning(`the journal is not up to date: ${message}`))

/** What an ADD has in its entry beside its parameters. */
export type AddDetails = Pick<JournalEntry, "scoped" | "look" | "ownNamespace" | "namespace">

/** Begins the entry of an ADD. Fails with `CacheKeyCollision` when another attachment has the file name. */
export const beginAdd = Effect.fnUntraced(function*(attachment: ValidatedAttachment, details: AddDetails) {
  const { key } = attachment
  const journal = yield* AttachmentJournal
  const entry = yield* entryOf(attachment, { state: "adding", ...details })
  if (yield* journal.begin(entry)) return { entry, journal: handleOf(journal, key) }
  const other = yield* Effect.orElseSucceed(journal.get(key), Option.none<JournalEntry>)
  const owner = AttachmentKey.of(Option.getOrElse(other, () => key))
  return yield* new CacheKeyCollision({ ...key, path: journal.pathOf(owner), owner })
})

/**
 * Begins the entry of a DEL, also where nothing is stored of the attachment: its plugins could outlive this process.
 * Where the disk is full or broken the DEL goes on without an entry, to delete what can be deleted.
 */
export const beginDelete = Effect.fnUntraced(function*(stored: StoredAttachment, attachment: ValidatedAttachment) {
  const { key } = attachment
  if ((yield* Compat) === "libcni") return noJournal
  const journal = yield* AttachmentJournal
  const handle = handleOf(journal, key)
  if (stored.entry._tag === "Unreadable") return { ...noJournal, forget: handle.forget }
  if (stored.entry._tag === "Present") {
    const operation = Option.getOrUndefined(yield* Effect.option(operationOf(attachment)))
    yield* orWarn(became(journal, key, { state: "deleting", ...(operation !== undefined && { operation }) }))
    return handle
  }
  if (stored.fileNameOwner !== undefined || !(yield* beginDeletion(attachment, valueOf(stored.record)))) {
    return noJournal
  }
  // Where nothing was stored before, nothing is kept when the DEL fails.
  return isAbsent(stored) ? { ...handle, failed: () => orWarn(handle.forget) } : handle
})

/** Notes without the locks, at the end of a scope, that the attachment of an entry is left to be deleted. */
export const leaveFailed = Effect.fnUntraced(function*(entry: JournalEntry, issue: string) {
  yield* orWarn(became(yield* AttachmentJournal, entry, { state: "failed", issue, id: entry.id }))
})

/** Keeps an entry of the network while its plugins collect: a GC that outlives its process must end before others begin. */
export const gcGuard = Effect.fnUntraced(function*<A, E, R>(
  list: NetworkConfigList,
  collect: (started: OnPluginStart | undefined) => Effect.Effect<A, E, R>
) {
  if ((yield* Compat) === "libcni") return yield* collect(undefined)
  const key = networkKey(list.name)
  const { forget, started } = handleOf(yield* AttachmentJournal, key)
  const beginning = beginDeletion({ list, key, conf: { containerId: "", ifName: "" }, hasCheck: true })
  return yield* Effect.acquireUseRelease(beginning, () => collect(started), () => orWarn(forget))
})

// Whether there is an entry now.
const beginDeletion = Effect.fnUntraced(
  function*(attachment: ValidatedAttachment, record?: CacheEntry) {
    const { netns = "" } = attachment.conf
    const namespace = netns === "" ? undefined : identityIn(yield* (yield* NetworkNamespaces).identify(netns))
    const result = record?._tag === "CacheRecord" ? record.result : undefined
    const entry = yield* entryOf(attachment, { state: "deleting", namespace, result })
    return yield* (yield* AttachmentJournal).begin(entry)
  },
  Effect.catch((error) => Effect.as(orWarn(Effect.fail(error)), false))
)

/** The identity of a namespace. Without its boot it could be taken for a namespace of another boot. */
export const identityIn = (found: NamespaceAt): NamespaceId | undefined =>
  found._tag === "Namespace" && found.id.boot !== "" ? found.id : undefined

const entryOf = Effect.fnUntraced(function*(
  attachment: ValidatedAttachment,
  details: Pick<JournalEntry, "state" | "namespace"> & Partial<JournalEntry>
) {
  const { conf, key, list } = attachment
  const now = yield* Clock.currentTimeMillis
  const operation = yield* operationOf(attachment)
  return {
    ...key,
    id: (yield* Random.nextInt).toString(36).replace("-", ""),
    cniVersion: list.cniVersion,
    plugins: list.plugins.map(({ json }) => json),
    netns: operation.netns,
    cniArgs: conf.args ?? [],
    capabilityArgs: conf.capabilityArgs ?? {},
    owner: operation.owner,
    scoped: false,
    operation,
    look: undefined,
    ownNamespace: false,
    result: undefined,
    done: 0,
    running: undefined,
    since: now,
    changed: now,
    issue: undefined,
    ...details
  } satisfies JournalEntry
})

const operationOf = Effect.fnUntraced(function*({ conf }: ValidatedAttachment) {
  const { owner } = yield* AttachmentLock
  const { searchPath } = yield* PluginDiscovery
  return { owner: yield* owner, netns: conf.netns ?? "", searchPath }
})
