/** Finishes what an operation left that failed, or died: by what is stored, until nothing is known of it any more. */
import * as Effect from "effect/Effect"
import * as AttachmentKey from "../../domain/AttachmentKey.ts"
import { DetachIncomplete } from "../../domain/CniError.ts"
import type { JournalEntry } from "../../domain/JournalEntry.ts"
import type { VersionComparison } from "../../services/VersionComparison.ts"
import { detachChain, type Requirements as DetachRequirements } from "./delChain.ts"
import type { Known } from "./known.ts"
import { targetOfEntry } from "./stored.ts"

/** What finishing needs, with its locks held. */
export type Requirements = DetachRequirements | VersionComparison

/** Deletes an attachment by its journal entry: the chain, the parameters and the last result that are in it. */
export const finish = Effect.fnUntraced(function*(
  entry: JournalEntry,
  known: Known
): Effect.fn.Return<void, DetachIncomplete, Requirements> {
  const target = yield* targetOfEntry(entry).pipe(
    Effect.mapError((invalid) => new DetachIncomplete({ ...AttachmentKey.of(entry), failures: [invalid] }))
  )
  yield* detachChain(target, known)
})
