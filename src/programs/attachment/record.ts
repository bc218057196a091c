/** What the cache says about an attachment, and whether it speaks of that attachment at all. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import { type CacheEntry, ownerOf } from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid, type CacheIoError, CacheKeyCollision } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { Compat } from "../../services/Tunables.ts"
import type { Named } from "./target.ts"

/** Whose entry it is, if it says that it is another attachment's. */
export const strangerIn = (
  entry: CacheEntry,
  key: AttachmentKey.AttachmentKey
): AttachmentKey.AttachmentKey | undefined => {
  const owner = ownerOf(entry)
  return owner !== undefined && !AttachmentKey.agrees(owner, key) ? owner : undefined
}

/** An entry that is an attachment's, with what it does not say of whose it is. */
export const identified = (entry: CacheEntry, key: AttachmentKey.AttachmentKey): CacheEntry =>
  entry._tag !== "CacheRecord" || AttachmentKey.isWhole(entry) ? entry : { ...entry, ...AttachmentKey.of(key) }

/** The entry of an attachment; somebody else's record under its file name is none. */
export const readOwn = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey
): Effect.fn.Return<
  Option.Option<CacheEntry>,
  CacheIoError | CacheEntryInvalid,
  AttachmentCache | AttachmentJournal
> {
  const entry = Option.getOrUndefined(yield* (yield* AttachmentCache).get(key))
  if (entry === undefined || strangerIn(entry, key) !== undefined) return Option.none()
  const owner = ownerOf(entry)
  const isOwn = owner !== undefined && AttachmentKey.isWhole(owner) || (yield* isFreeIn(key))
  return isOwn ? Option.some(identified(entry, key)) : Option.none()
})

// What does not say whose it is belongs to the journal's entry under the same file name, if there is one.
const isFreeIn = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  if ((yield* Compat) === "libcni") return true
  const begun = yield* Effect.orElseSucceed((yield* AttachmentJournal).get(key), Option.none)
  return Option.isNone(begun) || AttachmentKey.equals(begun.value, key)
})

/** Fails when the file name of an attachment belongs to another one. Damaged files belong to nobody. */
export const refuseCollision = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey
): Effect.fn.Return<void, CacheIoError | CacheKeyCollision, AttachmentCache> {
  const cache = yield* AttachmentCache
  const entry = yield* Effect.catchTag(cache.get(key), "CacheEntryInvalid", () => Effect.succeedNone)
  const stranger = Option.isSome(entry) ? strangerIn(entry.value, key) : undefined
  if (stranger === undefined) return
  const { containerId, ifName, network } = stranger
  return yield* new CacheKeyCollision({ ...key, path: cache.pathOf(key), owner: { containerId, ifName, network } })
})

/** The result of an entry, in the version of the network's configuration. */
export const resultOf = Effect.fnUntraced(function*(
  entry: CacheEntry,
  { key, list }: Named
): Effect.fn.Return<CniResult.CniResult, CacheEntryInvalid, AttachmentCache> {
  const path = (yield* AttachmentCache).pathOf(key)
  const invalid = (issue: string) => new CacheEntryInvalid({ network: key.network, path, issue })
  const json = entry._tag === "CacheRecord" ? entry.result : entry.json
  // Only plugins are forgiven a version that is no text.
  if (!["string", "undefined"].includes(typeof (json["cniVersion"] ?? undefined))) {
    const issue = "its result: cniVersion must be a string"
    return yield* new CacheEntryInvalid({ network: key.network, path, issue, decoding: "version" })
  }
  const stored = yield* Effect.fromResult(CniResult.fromJson(json, "")).pipe(
    Effect.mapError(({ at, reason }) => invalid(at === "" || at === "cniVersion" ? reason : `${at}: ${reason}`))
  )
  return yield* Effect.fromResult(CniResult.convert(stored, list.cniVersion)).pipe(
    Effect.mapError(({ reason }) =>
      invalid(`failed to convert cached result to config version "${list.cniVersion}": ${reason}`)
    )
  )
})

/** The stored result of an attachment, if there is one. */
export const storedResult = Effect.fnUntraced(function*(
  target: Named
): Effect.fn.Return<
  Option.Option<CniResult.CniResult>,
  CacheIoError | CacheEntryInvalid,
  AttachmentCache | AttachmentJournal
> {
  const entry = yield* readOwn(target.key)
  return yield* Effect.transposeOption(Option.map(entry, (own) => resultOf(own, target)))
})
