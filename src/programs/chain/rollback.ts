/** Undoes an ADD that failed or was interrupted: the plugins that were started, then what was written. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import { type AttachFailure, type DetachFailure, RollbackFailed } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import type { Target } from "../attachment/target.ts"
import { become, watching } from "../guard/journaling.ts"
import type { LocatedPlugin } from "../plugin/invokePlugin.ts"
import { inWords, settle } from "../plugin/settle.ts"
import { delNamespace, type Requirements as NamespaceRequirements } from "./delNamespace.ts"
import { type Requirements as UndoRequirements, undo } from "./undo.ts"

/** How far an ADD has come: what must be undone. `recording` is set before the record is written. */
export interface Steps {
  readonly started: Array<LocatedPlugin>
  lastResult: CniResult.CniResult | undefined
  recording: boolean
}

/** The same of an ADD that has an entry. */
export interface Progress extends Steps {
  readonly entry: JournalEntry
}

/** What a rollback needs. */
export type Requirements = UndoRequirements | NamespaceRequirements

/** Fails with the ADD's own cause, or where the undo failed too with all of it; the journal then keeps what is left. */
export const rollback = Effect.fnUntraced(function*(
  target: Target,
  progress: Progress,
  cause: Cause.Cause<AttachFailure>
): Effect.fn.Return<never, AttachFailure | RollbackFailed, Requirements> {
  const { key, list } = target
  const { lastResult, recording, started } = progress
  const prevResult = target.hasCheck && lastResult
    ? Result.getOrElse(CniResult.convert(lastResult, list.cniVersion), () => undefined)
    : undefined
  const { conf, netns } = yield* undoingConf(target, progress)
  const undone = yield* undo({ ...target, conf }, started.map(({ plugin }) => plugin), prevResult, yield* watching(key))
  const isGone = undone.failures.length > 0 && (yield* isWithoutInterface(netns, conf.ifName))
  if (isGone) yield* logFailures(target, undone.failures)
  const removed = yield* settle(undone.failures.length === 0 || isGone ? written(target, recording) : [])
  const failures = [...(isGone ? [] : undone.failures), ...removed.failures]
  const defects = Cause.combine(undone.defects, removed.defects)
  if (failures.length > 0 || defects.reasons.length > 0) {
    yield* become(key, "failed", { issue: inWords({ failures, defects }) })
  }
  // An interruption and a defect stay what they are; a failure is inside of RollbackFailed.
  const outcome = Arr.isReadonlyArrayNonEmpty(failures) ? withFailures(target, cause, failures) : cause
  return yield* Effect.failCause(Cause.combine(outcome, defects))
}, Effect.withSpan("rollback"))

const undoingConf = Effect.fnUntraced(function*({ conf, key }: Target, { entry, lastResult }: Progress) {
  const netns = conf.netns ?? ""
  const known = {
    entry: Result.succeed({ ...entry, done: lastResult === undefined ? 0 : 1, result: lastResult?.json }),
    record: Result.succeed(undefined),
    stranger: undefined
  }
  const chosen = yield* delNamespace(key, known, { netns, isAsked: true })
  return { netns, conf: { ...conf, netns: chosen.netns } }
})

// A configuration that no plugin accepts must not keep its container from the next ADD.
const isWithoutInterface = Effect.fnUntraced(function*(netns: string, ifName: string) {
  return netns !== "" && (yield* (yield* NetworkNamespaces).interfaceAt(netns, ifName)) === "absent"
})

const logFailures = ({ key }: Target, failures: ReadonlyArray<DetachFailure>) =>
  Effect.logWarning(
    `the undo of container "${key.containerId}" on network "${key.network}" failed, and no interface "${key.ifName}" ` +
      `is left: ${inWords({ failures, defects: Cause.empty })}`
  )

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
