/** A whole ADD: takes its locks, completes first what blocks it on another network, and tries again where that helps. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import { isChainRace } from "../../domain/errors/ChainRace.ts"
import { AttachmentExists } from "../../domain/errors/CniError.ts"
import { Compat, TryAgainRetry } from "../../services/Tunables.ts"
import { unfinished } from "../attachment/lookUp.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import { withAttachment } from "../guard/session.ts"
import { isTryAgain } from "../plugin/invokePlugin.ts"
import { addChain, type AddOptions } from "./addChain.ts"
import { completeOrRefuse } from "./ensureFree.ts"

/**
 * Attaches, or leaves nothing behind. Tries again where a plugin asked for that, and once where another process made the
 * same chain of iptables at the same time; the ADD has been undone by then.
 */
export const addAttachment = (attachment: ValidatedAttachment, options: AddOptions) =>
  retrying(addPastLeftovers(attachment, options))

const addPastLeftovers = Effect.fnUntraced(function*(attachment: ValidatedAttachment, options: AddOptions) {
  const { key } = attachment
  for (let repairs = 0;; repairs++) {
    const outcome = yield* withAttachment(key, (session) => addChain(session, attachment, options))
    if (outcome._tag === "Added") return outcome.result
    const existing = outcome.key.network
    if (repairs === maxRepairs) return yield* new AttachmentExists({ ...key, existing, state: "failed", failures: [] })
    yield* completeElsewhere(key, outcome.key)
  }
})

// As many networks may have left something on the same interface.
const maxRepairs = 3

// With the lock of that network, which must not be asked for while the container's lock is held.
const completeElsewhere = (wanted: AttachmentKey, key: AttachmentKey) =>
  withAttachment(
    key,
    Effect.fnUntraced(function*(session) {
      const left = yield* unfinished(session)
      if (left !== undefined) yield* completeOrRefuse(wanted, session, left)
    })
  )

// In an uninterruptible region, because an interruption would else hide what its undo has failed with.
const retrying = <A, E, R>(adding: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const trying = Effect.exit(pastChainRace(restore(adding)))
    let exit = yield* trying
    if (!isFailedBy(exit, isTryAgain)) return yield* exit
    const step = yield* Schedule.toStepWithSleep(yield* TryAgainRetry)
    while (isFailedBy(exit, isTryAgain)) {
      const again = Effect.as(restore(step(exit.cause)), true)
      if (!(yield* Pull.catchDone(again, () => Effect.succeed(false)))) break
      exit = yield* trying
    }
    return yield* exit
  }))

const pastChainRace = Effect.fnUntraced(function*<A, E, R>(adding: Effect.Effect<A, E, R>) {
  const exit = yield* Effect.exit(adding)
  return yield* (isFailedBy(exit, isChainRace) && (yield* Compat) === "safe" ? adding : exit)
})

const isFailedBy = <A, E>(exit: Exit.Exit<A, E>, isReason: (error: unknown) => boolean): exit is Exit.Failure<A, E> =>
  Exit.isFailure(exit) && exit.cause.reasons.every((reason) => Cause.isFailReason(reason) && isReason(reason.error))
