/** Undoes an ADD that failed or was interrupted: the plugins that were started, then what was written. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import { type AttachFailure, type DetachFailure, RollbackFailed } from "../../domain/errors/CniError.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { absent, present } from "../attachment/lookUp.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/attachmentSession.ts"
import type { JournalHandle } from "../guard/journaling.ts"
import { inItsNamespace } from "./chooseNamespace.ts"
import { deleteBackwards, forgetDeleted, inWords, prevResultOf } from "./delChain.ts"

/** How far an ADD has come: what must be undone. `record` is set before it is written. */
export interface Progress {
  readonly started: Array<PluginConfig>
  lastResult: CniResult | undefined
  record: CacheRecord | undefined
}

/** Fails with the cause of the ADD, or where the undo failed too with all of it; the journal then keeps what is left. */
export const rollback = Effect.fnUntraced(function*(
  session: Session,
  attachment: ValidatedAttachment,
  { entry, journal, progress: { lastResult, record, started } }: {
    readonly entry: JournalEntry
    readonly journal: JournalHandle
    readonly progress: Progress
  },
  cause: Cause.Cause<AttachFailure>
) {
  const added: Session = {
    ...session,
    entry: present({ ...entry, done: lastResult === undefined ? 0 : 1, result: lastResult?.json }),
    record: record === undefined ? absent : present(record)
  }
  const deleting = yield* inItsNamespace(added, attachment, { isAsked: true })
  const prevResult = yield* prevResultOf(added, attachment)
  const deleted = yield* deleteBackwards(deleting, started, prevResult, journal.started)
  const isGone = deleted.failures.length > 0 && (yield* isWithoutInterface(attachment))
  if (isGone) yield* logFailures(attachment, deleted.failures)
  const undone = isGone ? { ...deleted, failures: [] } : deleted
  const { defects, failures } = yield* forgetDeleted(added, journal, undone)
  // An interruption and a defect stay what they are; a failure is inside of RollbackFailed.
  const outcome = Arr.isReadonlyArrayNonEmpty(failures) ? withFailures(attachment, cause, failures) : cause
  return yield* Effect.failCause(Cause.combine(outcome, defects))
}, Effect.withSpan("rollback"))

// A configuration that no plugin accepts must not keep its container from the next ADD.
const isWithoutInterface = Effect.fnUntraced(function*({ conf: { ifName, netns = "" } }: ValidatedAttachment) {
  return netns !== "" && (yield* (yield* NetworkNamespaces).interfaceAt(netns, ifName)) === "absent"
})

const logFailures = ({ key }: ValidatedAttachment, failures: ReadonlyArray<DetachFailure>) =>
  Effect.logWarning(
    `the undo of container "${key.containerId}" on network "${key.network}" failed, and no interface "${key.ifName}" ` +
      `is left: ${inWords({ failures, defects: Cause.empty })}`
  )

const withFailures = (
  { key }: ValidatedAttachment,
  cause: Cause.Cause<AttachFailure>,
  failures: Arr.NonEmptyReadonlyArray<DetachFailure>
): Cause.Cause<AttachFailure | RollbackFailed> => {
  const first = Cause.findErrorOption(cause)
  return Option.isSome(first)
    ? Cause.fail(new RollbackFailed({ ...key, failures, cause: first.value }))
    : Cause.combine(cause, Cause.fail(new RollbackFailed({ ...key, failures })))
}
