/** Deletes an attachment by what is stored of it alone, until nothing is stored of it any more. */
import * as Effect from "effect/Effect"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheEntry } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid, CacheKindMismatch, DetachIncomplete } from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import type { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import type { Known } from "../attachment/known.ts"
import { listOfEntry, listOfRecord, targetOf, targetOfRecord } from "../attachment/stored.ts"
import type { Target } from "../attachment/target.ts"
import { detachChain, type Requirements as DetachRequirements } from "./delChain.ts"
import { delNamespace } from "./delNamespace.ts"

/** What deleting by what is stored needs, with the locks held. */
export type Requirements = DetachRequirements | VersionComparison

/**
 * Deletes an attachment by its journal entry: the parameters, the chain and the last result that are in it. `given`: the
 * ADD whose chain is used instead, and whose arguments come first. `isAsked`: a caller wants the attachment to be deleted.
 */
export const finish = Effect.fnUntraced(function*(
  entry: JournalEntry,
  known: Known,
  { given, isAsked = false }: { readonly given?: Target; readonly isAsked?: boolean } = {}
): Effect.fn.Return<void, DetachIncomplete, Requirements> {
  const chain = given === undefined ? listOfEntry(entry) : Effect.succeed(given.list)
  const usable = yield* Effect.mapError(
    chain,
    (invalid) => new DetachIncomplete({ ...AttachmentKey.of(entry), failures: [invalid] })
  )
  const target = yield* targetOf(given === undefined ? entry : withArguments(entry, given), usable)
  const { netns } = yield* delNamespace(target.key, known, { netns: entry.netns, isAsked })
  yield* detachChain(inNamespace(target, netns), known)
})

const withArguments = (entry: JournalEntry, { conf: { args = [], capabilityArgs } }: Target): JournalEntry => ({
  ...entry,
  cniArgs: args.length > 0 ? args : entry.cniArgs,
  capabilityArgs: { ...entry.capabilityArgs, ...capabilityArgs }
})

/** Deletes an attachment by the record of a runtime that keeps no journal. */
export const deleteByRecord = Effect.fnUntraced(function*(
  key: AttachmentKey.AttachmentKey,
  record: CacheEntry,
  known: Known
): Effect.fn.Return<void, CacheEntryInvalid | CacheKindMismatch | DetachIncomplete, Requirements> {
  const path = (yield* AttachmentCache).pathOf(key)
  const invalid = (issue: string) => new CacheEntryInvalid({ network: key.network, path, issue })
  if (record._tag === "ForeignEntry") {
    return yield* record.issue === undefined
      ? new CacheKindMismatch({ network: key.network, path, kind: record.kind })
      : invalid(record.issue)
  }
  const list = yield* listOfRecord(record)
  if (list === undefined) return yield* invalid("it holds no configuration that can be used")
  const target = yield* Effect.mapError(targetOfRecord(list, record), ({ message }) => invalid(message))
  const { netns } = yield* delNamespace(key, known, { netns: record.netns, isAsked: true })
  yield* detachChain(inNamespace(target, netns), known)
})

/** The same target, of which the plugins get another CNI_NETNS. */
export const inNamespace = (target: Target, netns: string): Target => ({ ...target, conf: { ...target.conf, netns } })
