/** What a listing of a journal shows of the files that were read. */
import * as Result from "effect/Result"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type { CacheEntryInvalid } from "../../domain/errors/CniError.ts"
import type { JournalListing } from "../../services/attachment/AttachmentJournal.ts"

/** What is wrong with an entry that stands under another attachment's name. */
export const notOfItsName = "it is not about the attachment of its name"

/** The entries, of one container if one is given, and the files that are damaged; what is gone by now is neither. */
export const collectListing = (
  read: ReadonlyArray<Result.Result<JournalEntry | undefined, CacheEntryInvalid>>,
  containerId: string | undefined
): JournalListing => ({
  entries: read.flatMap((one) => Result.isSuccess(one) && one.success !== undefined ? [one.success] : []).filter((
    entry
  ) => containerId === undefined || entry.containerId === containerId),
  damaged: read.flatMap((one) => Result.isFailure(one) ? [one.failure] : [])
})
