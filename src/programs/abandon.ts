/** Forgets an attachment that can never be deleted. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { of } from "../domain/attachment/AttachmentKey.ts"
import { isSameNamespace, type JournalEntry } from "../domain/attachment/JournalEntry.ts"
import { NotAttached } from "../domain/errors/CniError.ts"
import { type JsonObject, stringify } from "../domain/json/Json.ts"
import * as CniResult from "../domain/result/CniResult.ts"
import type { Abandoned } from "../domain/VerbOutcomes.ts"
import { AttachmentCache } from "../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../services/attachment/AttachmentJournal.ts"
import type { CniVerbs } from "../services/CniVerbs.ts"
import { NetworkNamespaces } from "../services/network/NetworkNamespaces.ts"
import { isAbsent, type StoredAttachment, valueOf } from "./attachment/lookUp.ts"
import { type SessionRequirements, withAttachment } from "./guard/attachmentSession.ts"

/** What abandoning needs. */
export type AbandonRequirements = SessionRequirements | NetworkNamespaces

/**
 * Removes what is stored of an attachment and runs no plugin. Its addresses, interfaces and rules stay on the host, as
 * far as they are still there: what may be left is returned, logged as a warning, and kept for good as a line of
 * `<cacheDir>/effect-cni/abandoned.log`. For attachments whose plugins are gone or can never succeed; `detach`,
 * `delAttachment` or `recover` come first.
 *
 * Fails with `NotAttached` when nothing is stored of it, `LockTimeout` when another operation holds it for longer than
 * `LockWaitLimit`, and `CacheIoError` when its files cannot be removed or the line cannot be kept (then nothing is removed).
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const giveUp = Cni.abandon({ network: "mynet", containerId: "c1", ifName: "eth0" }).pipe(
 *   Effect.map(({ addresses }) => `look after ${addresses.join(", ")}`)
 * )
 * ```
 */
export const abandon: CniVerbs<AbandonRequirements>["abandon"] = Effect.fn("abandon")(
  (key) => withAttachment(key, forget)
)

/** What `abandon` would give up; changes nothing. Fails as it does. */
export const planAbandon: CniVerbs<AbandonRequirements>["abandon"] = Effect.fn("planAbandon")(
  (key) => Effect.flatMap(withAttachment(key, ensureStored), mayBeLeft)
)

const forget = Effect.fnUntraced(function*(session: StoredAttachment) {
  const { key, record } = yield* ensureStored(session)
  const abandoned = yield* mayBeLeft(session)
  const journal = yield* AttachmentJournal
  yield* journal.audit(stringify({ ...abandoned, at: yield* Clock.currentTimeMillis }))
  yield* Effect.logWarning(`gave up ${JSON.stringify(abandoned)}: what is left of it will not be deleted`)
  // The record first: recovery completes an entry without a record, but takes a record without an entry for live.
  if (record._tag !== "Absent") yield* (yield* AttachmentCache).remove(key)
  yield* journal.remove(key)
  return abandoned
}, Effect.uninterruptible)

const ensureStored = (stored: StoredAttachment): Effect.Effect<StoredAttachment, NotAttached> =>
  isAbsent(stored) ? Effect.fail(new NotAttached(of(stored.key))) : Effect.succeed(stored)

const mayBeLeft = Effect.fnUntraced(function*(stored: StoredAttachment) {
  const entry = valueOf(stored.entry)
  const record = valueOf(stored.record)
  const json: JsonObject = record?._tag === "CacheRecord" ? record.result : record?.json ?? entry?.result ?? {}
  const result = Result.getOrElse(CniResult.fromJson(json, ""), () => undefined)
  const interfaces = (result?.interfaces ?? []).map(({ name, sandbox = "" }) => ({ name, sandbox }))
  return {
    ...of(stored.key),
    plugins: (entry?.plugins ?? []).flatMap(({ type }) => typeof type === "string" ? [type] : []),
    addresses: (result?.ips ?? []).map(({ address }) => address),
    interfaces: yield* Effect.filter(interfaces, (made) => isThere(made, entry))
  } satisfies Abandoned
})

// An interface without a sandbox is the host's. With a namespace goes what is in it.
const isThere = Effect.fnUntraced(function*(
  { name, sandbox }: { readonly name: string; readonly sandbox: string },
  entry: JournalEntry | undefined
) {
  const namespaces = yield* NetworkNamespaces
  const path = sandbox === "" ? "/proc/self/ns/net" : sandbox
  const found = yield* namespaces.identify(path)
  if (found._tag !== "Namespace") return sandbox === ""
  const isOther = entry?.namespace !== undefined && entry.netns === path &&
    !isSameNamespace(entry.namespace, found.id, { atSamePath: true })
  return !isOther && (yield* namespaces.interfaceAt(path, name)) !== "absent"
})
