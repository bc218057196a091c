/** Lists what is attached, which runtime made it, and whether it is still there. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isSameNamespace, type JournalEntry, type Owner } from "../../../../domain/attachment/JournalEntry.ts"
import * as CniResult from "../../../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../../../services/attachment/AttachmentLock.ts"
import { NetworkNamespaces } from "../../../../services/network/NetworkNamespaces.ts"
import { isStillThere, sandboxIn } from "../../../attachment/restore.ts"
import type { AttachmentsView, AttachmentView } from "../views.ts"
import { pair, type Paired } from "./pairCacheWithJournal.ts"

/** An attachment as it is shown, and all that is stored of it; `result` is there if one is stored and readable. */
export interface ListedAttachment extends Paired {
  readonly view: AttachmentView
  readonly result: CniResult.CniResult | undefined
}

/** Every attachment of the host: `listed` for what is stored, `view` for what is shown. */
export const listAttachments = Effect.gen(function*() {
  const { attachments, collecting, unreadable } = yield* read
  const isAlive = rememberingLeases(yield* AttachmentLock)
  const listed = yield* Effect.forEach(attachments, (one) => list(one, isAlive))
  const view: AttachmentsView = {
    attachments: listed.map(({ view }) => view),
    collecting: collecting.map(({ network, since }) => ({ network, since: isoOf(since) })),
    unreadable
  }
  return { listed, view }
})

const readOnce = Effect.gen(function*() {
  const listing = yield* (yield* AttachmentJournal).list()
  return pair(yield* (yield* AttachmentCache).files, listing)
})

// An operation may run between the two reads. Then its attachment looks as if another runtime had deleted it.
const read = Effect.filterOrElse(
  readOnce,
  ({ attachments }) => attachments.every(({ state }) => state !== "vanished"),
  () => readOnce
)

type IsAlive = AttachmentLock["Service"]["isAlive"]

const rememberingLeases = ({ isAlive }: AttachmentLock["Service"]): IsAlive => {
  const remembered = new Map<string, boolean>()
  return Effect.fnUntraced(function*(owner: Owner) {
    const alive = remembered.get(owner.lease) ?? (yield* isAlive(owner))
    remembered.set(owner.lease, alive)
    return alive
  })
}

const list = Effect.fnUntraced(function*(one: Paired, isAlive: IsAlive) {
  const { entry, file, key, record, state } = one
  const json = record?.result ?? entry?.result
  const decoded = json && CniResult.fromJson(json, entry?.cniVersion ?? "")
  const result = decoded && Result.getOrUndefined(decoded)
  const stored = entry?.netns ?? record?.netns ?? ""
  const { namespace, netns } = stored === "" ? yield* sandboxOfResult(one) : yield* namespaceAt(stored, entry)
  const since = entry?.since ?? file?.writtenAt
  const issue = entry?.issue ??
    (decoded && Result.isFailure(decoded) ? `its result: ${decoded.failure.reason}` : undefined)
  const { pathOf } = yield* AttachmentJournal
  const view: AttachmentView = {
    ...key,
    state,
    namespace,
    addresses: result?.ips.map(({ address }) => address) ?? [],
    runtime: entry === undefined ? "other" : "effect-cni",
    ...(since !== undefined && { since: isoOf(since) }),
    ...(netns !== "" && { netns }),
    ...(entry && {
      owner: { pid: entry.owner.pid, alive: yield* isAlive(entry.owner), scoped: entry.scoped },
      journal: pathOf(key)
    }),
    ...(issue !== undefined && { issue }),
    ...(file && { record: file.path })
  }
  const listed: ListedAttachment = { ...one, view, result }
  return listed
})

interface Namespace extends Pick<AttachmentView, "namespace"> {
  readonly netns: string
}

const namespaceAt = Effect.fnUntraced(function*(
  netns: string,
  entry: JournalEntry | undefined
): Effect.fn.Return<Namespace, never, NetworkNamespaces> {
  const found = yield* (yield* NetworkNamespaces).identify(netns)
  if (found._tag !== "Namespace") return { netns, namespace: "gone" }
  const { namespace } = entry ?? {}
  const isSame = namespace === undefined || isSameNamespace(namespace, found.id, { atSamePath: true })
  return { netns, namespace: isSame ? "there" : "replaced" }
})

// Older runtimes store no path, but their result has one.
const sandboxOfResult = Effect.fnUntraced(
  function*(one: Paired): Effect.fn.Return<Namespace, never, NetworkNamespaces> {
    const made = sandboxIn(one.key, one.record?.result ?? one.entry?.result ?? {})
    if (made === undefined) return { netns: "", namespace: "none" }
    return { netns: made.sandbox, namespace: (yield* isStillThere(made)) ? "there" : "gone" }
  }
)

// A damaged entry can have any time.
const isoOf = (ms: number): string => new Date(Math.min(Math.max(ms, 0), lastDate)).toISOString()

const lastDate = 8.64e15
