/** Finds out what is attached, by whom, and whether it is still there. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isSameNamespace, type JournalEntry, type Owner } from "../../../domain/attachment/JournalEntry.ts"
import * as CniResult from "../../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock } from "../../../services/attachment/AttachmentLock.ts"
import { NetworkNamespaces } from "../../../services/network/NetworkNamespaces.ts"
import { isStillThere, sandboxIn } from "../../attachment/storedPath.ts"
import { pair, type Paired, type Pairing } from "./pairing.ts"
import type { AttachmentsView, AttachmentView } from "./views.ts"

/** An attachment as it is shown, and all that is stored of it. */
export interface Surveyed extends Paired {
  readonly view: AttachmentView
}

/** All of them, of one container if one is given. */
export const survey = Effect.gen(function*() {
  const { attachments, collecting, unreadable } = yield* look
  const isAlive = rememberingLeases(yield* AttachmentLock)
  const surveyed = yield* Effect.forEach(
    attachments,
    (one) => Effect.map(viewOf(one, isAlive), (view): Surveyed => ({ ...one, view }))
  )
  const view: AttachmentsView = {
    attachments: surveyed.map(({ view }) => view),
    collecting: collecting.map(({ network, since }) => ({ network, since: isoOf(since) })),
    unreadable
  }
  return { surveyed, view }
})

const isConsistent = ({ attachments }: Pairing): boolean => attachments.every(({ state }) => state !== "vanished")

const lookOnce = Effect.gen(function*() {
  const listing = yield* (yield* AttachmentJournal).list()
  return pair(yield* (yield* AttachmentCache).files, listing)
})

// Between the two, somebody may have detached or attached: what looks like another runtime's doing is looked at again.
const look = Effect.filterOrElse(lookOnce, isConsistent, () => lookOnce)

type IsAlive = AttachmentLock["Service"]["isAlive"]

const rememberingLeases = ({ isAlive }: AttachmentLock["Service"]): IsAlive => {
  const known = new Map<string, boolean>()
  return Effect.fnUntraced(function*(owner: Owner) {
    const alive = known.get(owner.lease) ?? (yield* isAlive(owner))
    known.set(owner.lease, alive)
    return alive
  })
}

const viewOf = Effect.fnUntraced(function*(one: Paired, isAlive: IsAlive) {
  const { entry, file, key, record, state } = one
  const result = resultOf(one)
  const stored = entry?.netns ?? record?.netns ?? ""
  const { namespace, netns } = stored === "" ? yield* sandboxOfResult(one) : yield* namespaceAt(stored, entry)
  const since = entry?.since ?? file?.writtenAt
  const issue = entry?.issue ??
    (result && Result.isFailure(result) ? `its result: ${result.failure.reason}` : undefined)
  const { pathOf } = yield* AttachmentJournal
  const view: AttachmentView = {
    ...key,
    state,
    namespace,
    addresses: result && Result.isSuccess(result) ? result.success.ips.map(({ address }) => address) : [],
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
  return view
})

/** The result of an attachment, as far as it has come. */
export const resultOf = ({ entry, record }: Paired) => {
  const json = record?.result ?? entry?.result
  return json && CniResult.fromJson(json, entry?.cniVersion ?? "")
}

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

// Runtimes of before store no path, but their result has one.
const sandboxOfResult = Effect.fnUntraced(
  function*(one: Paired): Effect.fn.Return<Namespace, never, NetworkNamespaces> {
    const made = sandboxIn(one.key, one.record?.result ?? one.entry?.result ?? {})
    if (made === undefined) return { netns: "", namespace: "none" }
    return { netns: made.sandbox, namespace: (yield* isStillThere(made)) ? "there" : "gone" }
  }
)

// A damaged entry can be of any time.
const isoOf = (ms: number): string => new Date(Math.min(Math.max(ms, 0), lastDate)).toISOString()

const lastDate = 8.64e15
