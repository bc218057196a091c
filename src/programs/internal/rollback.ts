/** Undoes an ADD that failed or was interrupted: the plugins that were started, then what was written. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type AttachFailure, type DetachFailure, RollbackFailed } from "../../domain/CniError.ts"
import * as CniResult from "../../domain/CniResult.ts"
import { AttachmentCache } from "../../services/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/AttachmentJournal.ts"
import type { LocatedPlugin } from "./invokePlugin.ts"
import { become, watching } from "./journaling.ts"
import { inWords, settle } from "./settle.ts"
import type { Target } from "./target.ts"
import { type Requirements as UndoRequirements, undo } from "./undo.ts"

/** How far an ADD has come: what must be undone. `recording` is set before the record is written. */
export interface Progress {
  readonly started: Array<LocatedPlugin>
  lastResult: CniResult.CniResult | undefined
  recording: boolean
}

/** What a rollback needs. */
export type Requirements = UndoRequirements | AttachmentCache | AttachmentJournal

/** Fails with the ADD's own cause, or where the undo failed too with all of it; the journal then keeps what is left. */
export const rollback = Effect.fnUntraced(function*(
  target: Target,
  { lastResult, recording, started }: Progress,
  cause: Cause.Cause<AttachFailure>
): Effect.fn.Return<never, AttachFailure | RollbackFailed, Requirements> {
  const { key, list } = target
  const prevResult = target.hasCheck && lastResult
    ? Result.getOrElse(CniResult.convert(lastResult, list.cniVersion), () => undefined)
    : undefined
  const undone = yield* undo(target, started.map(({ plugin }) => plugin), prevResult, yield* watching(key))
  const removed = yield* settle(undone.failures.length === 0 ? written(target, recording) : [])
  const failures = [...undone.failures, ...removed.failures]
  const defects = Cause.combine(undone.defects, removed.defects)
  if (failures.length > 0 || defects.reasons.length > 0) yield* become(key, "failed", inWords({ failures, defects }))
  // An interruption and a defect stay what they are; a failure is inside of RollbackFailed.
  const outcome = Arr.isReadonlyArrayNonEmpty(failures) ? withFailures(target, cause, failures) : cause
  return yield* Effect.failCause(Cause.combine(outcome, defects))
}, Effect.withSpan("rollback"))

const written = ({ key }: Target, recording: boolean) => {
  const journal = AttachmentJournal.use((journal) => journal.remove(key))
  return [recording ? Effect.andThen(AttachmentCache.use((cache) => cache.remove(key)), journal) : journal]
}

const withFailures = (
  { key }: Target,
  cause: Cause.Cause<AttachFailure>,
  failures: Arr.NonEmptyReadonlyArray<DetachFailure>
): Cause.Cause<AttachFailure | RollbackFailed> => {
  const first = Cause.findErrorOption(cause)
  return Option.isSome(first)
    ? Cause.fail(new RollbackFailed({ ...key, failures, cause: first.value }))
    : Cause.combine(cause, Cause.fail(new RollbackFailed({ ...key, failures })))
}
