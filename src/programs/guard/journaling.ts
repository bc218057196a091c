/** What an operation writes into the journal while it works. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { AttachmentState, JournalEntry, Operation } from "../../domain/attachment/JournalEntry.ts"
import { type CacheIoError, CacheKeyCollision } from "../../domain/errors/CniError.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../services/attachment/AttachmentLock.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import type { Target } from "../attachment/target.ts"
import type { Watch } from "../plugin/invokePlugin.ts"

/** What beginning an entry needs. */
export type Requirements = AttachmentJournal | AttachmentLock | NetworkNamespaces | PluginDiscovery

/** What an ADD writes into its entry beside its parameters. */
export type AddDetails = Pick<JournalEntry, "scoped" | "look" | "ownNamespace">

/** Writes down that an ADD begins; gives its entry. Fails with `CacheKeyCollision` when the file name is another's. */
export const beginAdd = Effect.fnUntraced(function*(
  target: Target,
  details: AddDetails
): Effect.fn.Return<JournalEntry, CacheIoError | CacheKeyCollision, Requirements> {
  const journal = yield* AttachmentJournal
  const entry = { ...(yield* entryOf(target, "adding")), ...details }
  if (yield* journal.begin(entry)) return entry
  const other = yield* Effect.orElseSucceed(journal.get(target.key), Option.none<JournalEntry>)
  const owner = AttachmentKey.of(Option.getOrElse(other, () => target.key))
  return yield* new CacheKeyCollision({ ...target.key, path: journal.pathOf(owner), owner })
})

/**
 * Writes down that a DEL begins, whatever is known to be there: its plugins could outlive us. It goes on without that
 * where the disk is full or broken, and gives then `false`: what can be deleted is deleted.
 */
export const beginDel = Effect.fnUntraced(function*(
  target: Target,
  entry: JournalEntry | undefined,
  record: CacheRecord | undefined
): Effect.fn.Return<boolean, never, Requirements> {
  if (entry !== undefined) {
    const operation = yield* Effect.option(operationOf(target))
    yield* become(target.key, "deleting", { operation: Option.getOrUndefined(operation) })
    return true
  }
  const journal = yield* AttachmentJournal
  return yield* entryOf(target, "deleting").pipe(
    Effect.flatMap((begun) => journal.begin({ ...begun, result: record?.result })),
    Effect.catch((error) => Effect.as(unwritten(error), false))
  )
})

/** Writes down that the plugins of a network collect. */
export const beginGc = (target: Target): Effect.Effect<void, never, Requirements> =>
  entryOf(target, "deleting").pipe(
    Effect.flatMap((begun) => AttachmentJournal.use((journal) => journal.begin(begun))),
    Effect.catch(unwritten)
  )

/** Goes on where the journal cannot be brought up to date, and says so. */
export const forgetful = <R>(writing: Effect.Effect<void, CacheIoError, R>): Effect.Effect<void, never, R> =>
  Effect.catch(writing, unwritten)

const entryOf = Effect.fnUntraced(function*(
  target: Target,
  state: AttachmentState
) {
  const { conf, key, list } = target
  const now = yield* Clock.currentTimeMillis
  const operation = yield* operationOf(target)
  return {
    ...key,
    id: (yield* Random.nextInt).toString(36).replace("-", ""),
    state,
    cniVersion: list.cniVersion,
    plugins: list.plugins.map(({ json }) => json),
    netns: operation.netns,
    cniArgs: conf.args ?? [],
    capabilityArgs: conf.capabilityArgs ?? {},
    namespace: yield* identityOf(operation.netns),
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
    issue: undefined
  } satisfies JournalEntry
})

const operationOf = Effect.fnUntraced(function*({ conf }: Target) {
  const { owner } = yield* AttachmentLock
  const { searchPath } = yield* PluginDiscovery
  return { owner: yield* owner, netns: conf.netns ?? "", searchPath }
})

// Without its boot, a namespace could be taken for one of another boot.
const identityOf = Effect.fnUntraced(function*(netns: string) {
  if (netns === "") return undefined
  const found = yield* (yield* NetworkNamespaces).identify(netns)
  return found._tag === "Namespace" && found.id.boot !== "" ? found.id : undefined
})

/** Writes down which process a plugin is. A crash before that is found by the plugin's environment. */
export const watching = (key: AttachmentKey.AttachmentKey): Effect.Effect<Watch, never, AttachmentJournal> =>
  Effect.map(
    AttachmentJournal,
    (journal): Watch => (command, path) => (process) =>
      Effect.catch(journal.note(key, { _tag: "Started", command, path, ...process }), unwritten)
  )

/** Writes down what a plugin has made. */
export const succeeded = (
  key: AttachmentKey.AttachmentKey,
  { json }: CniResult
): Effect.Effect<void, CacheIoError, AttachmentJournal> =>
  AttachmentJournal.use((journal) => journal.note(key, { _tag: "Succeeded", result: json }))

/** Writes down that an ADD is complete. */
export const attached = (key: AttachmentKey.AttachmentKey): Effect.Effect<void, CacheIoError, AttachmentJournal> =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (at) => AttachmentJournal.use((journal) => journal.note(key, { _tag: "Became", state: "attached", at }))
  )

/** Writes down in which state an attachment is left. */
export const become = (
  key: AttachmentKey.AttachmentKey,
  state: AttachmentState,
  { issue, operation }: { readonly issue?: string; readonly operation?: Operation | undefined } = {}
) =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (at) =>
      note(key, {
        _tag: "Became",
        state,
        at,
        ...(issue !== undefined && { issue }),
        ...(operation !== undefined && { operation })
      })
  )

/** Writes down, without the locks, that an attachment is to be deleted by whoever comes next. */
export const giveOver = (key: AttachmentKey.AttachmentKey, id: string, issue: string) =>
  Effect.flatMap(Clock.currentTimeMillis, (at) => note(key, { _tag: "Became", state: "failed", at, issue, id }))

const note = (...[key, event]: Parameters<AttachmentJournal["Service"]["note"]>) =>
  Effect.catch(AttachmentJournal.use((journal) => journal.note(key, event)), unwritten)

const unwritten = (error: CacheIoError) => Effect.logWarning(`the journal is not up to date: ${error.message}`)
