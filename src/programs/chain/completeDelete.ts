/** Deletes an attachment by what is stored of it alone, until nothing is stored of it any more. */
import * as Effect from "effect/Effect"
import type { CacheEntry } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid, CacheKindMismatch, DetachIncomplete } from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { listOfEntry, listOfRecord, restore } from "../attachment/restore.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/session.ts"
import { inItsNamespace } from "./chooseNamespace.ts"
import { detachChain } from "./delChain.ts"

/**
 * Deletes an attachment by its journal entry: the parameters, the chain and the last result that are in it. `given`: the
 * ADD whose chain is used instead, and whose arguments come first. `isAsked`: a caller wants the attachment to be deleted.
 */
export const completeDelete = Effect.fnUntraced(function*(
  session: Session,
  entry: JournalEntry,
  { given, isAsked = false }: { readonly given?: ValidatedAttachment; readonly isAsked?: boolean } = {}
) {
  const list = given?.list ?? (yield* Effect.mapError(
    listOfEntry(entry),
    (invalid) => new DetachIncomplete({ ...session.key, failures: [invalid] })
  ))
  const attachment = yield* restore(given === undefined ? entry : withArguments(entry, given), list)
  yield* detachChain(session, yield* inItsNamespace(session, attachment, { isAsked }))
})

const withArguments = (entry: JournalEntry, { conf: { args = [], capabilityArgs } }: ValidatedAttachment) => ({
  ...entry,
  cniArgs: args.length > 0 ? args : entry.cniArgs,
  capabilityArgs: { ...entry.capabilityArgs, ...capabilityArgs }
})

/** Deletes an attachment by the record of a runtime that keeps no journal. */
export const deleteByRecord = Effect.fnUntraced(function*(session: Session, record: CacheEntry) {
  const { network } = session.key
  const path = (yield* AttachmentCache).pathOf(session.key)
  const invalid = (issue: string) => new CacheEntryInvalid({ network, path, issue })
  if (record._tag === "ForeignEntry") {
    return yield* record.issue === undefined
      ? new CacheKindMismatch({ network, path, kind: record.kind })
      : invalid(record.issue)
  }
  const list = yield* listOfRecord(record)
  if (list === undefined) return yield* invalid("it holds no configuration that can be used")
  const attachment = yield* restore(record, list)
  yield* detachChain(session, yield* inItsNamespace(session, attachment, { isAsked: true }))
})
