/** A whole ADD: with its locks, and with room made for it on other networks too. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import { isChainRace } from "../../domain/errors/ChainRace.ts"
import { AttachmentExists } from "../../domain/errors/CniError.ts"
import type { LockError } from "../../services/attachment/AttachmentLock.ts"
import { Compat, TryAgainRetry } from "../../services/Tunables.ts"
import { unfinished, whatIsKnown } from "../attachment/known.ts"
import type { Target } from "../attachment/target.ts"
import { type Requirements as LockRequirements, type Restore, withAttachment, withListed } from "../guard/locking.ts"
import { isTryAgain } from "../plugin/invokePlugin.ts"
import { addChain, type AddChainError, type Added, type Requirements as ChainRequirements } from "./addChain.ts"
import { finishOrRefuse } from "./makeRoom.ts"

/** Why a validated ADD failed. */
export type AddAttachmentError = AddChainError | LockError

/** What an ADD needs. */
export type Requirements = ChainRequirements | LockRequirements

/** As `addChain`, with everything around it. */
export const addAttachment = (
  target: Target,
  options: { readonly restore: Restore; readonly scoped: boolean }
): Effect.Effect<Added, AddAttachmentError, Requirements> => attempt(target, options, maxRepairs)

// As many networks may have left something on the same interface.
const maxRepairs = 3

const attempt = Effect.fnUntraced(function*(
  target: Target,
  options: { readonly restore: Restore; readonly scoped: boolean },
  repairs: number
): Effect.fn.Return<Added, AddAttachmentError, Requirements> {
  const outcome = yield* withListed(target.key, (entries) => addChain(target, entries, options), options.restore)
  if (outcome._tag === "Added") return outcome
  const { network } = outcome.key
  if (repairs === 0) {
    return yield* new AttachmentExists({ ...target.key, existing: network, state: "failed", failures: [] })
  }
  yield* options.restore(finishElsewhere(target, outcome.key))
  return yield* attempt(target, options, repairs - 1)
})

// With that network's lock, which may not be asked for while a container's is held.
const finishElsewhere = (target: Target, key: AttachmentKey) =>
  withAttachment(
    key,
    Effect.gen(function*() {
      const known = yield* whatIsKnown(key)
      const left = yield* unfinished(known)
      if (left !== undefined) yield* finishOrRefuse(target.key, left, known)
    })
  )

/**
 * Tries an ADD again that failed because a plugin asked for that, or once because another process made the same chain of
 * iptables at the same time, and for nothing else: it has been undone by then. The ADD is run in an uninterruptible region,
 * with its `restore`.
 */
export const retrying = <A, E, R>(adding: (restore: Restore) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) => {
    const addingPastRace = () => pastRace(adding(restore))
    return Effect.catchCause(
      addingPastRace(),
      (cause) => failedBy(cause, isTryAgain) ? again(addingPastRace, restore, cause) : Effect.failCause(cause)
    )
  })

const pastRace = <A, E, R>(adding: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchCause(
    adding,
    (cause) =>
      Effect.flatMap(Compat, (compat) =>
        compat === "safe" && failedBy(cause, isChainRace) ? adding : Effect.failCause(cause))
  )

const failedBy = <E>(cause: Cause.Cause<E>, isReason: (error: unknown) => boolean): boolean =>
  cause.reasons.every((reason) => Cause.isFailReason(reason) && isReason(reason.error))

const again = Effect.fnUntraced(function*<A, E, R>(
  adding: () => Effect.Effect<A, E, R>,
  restore: Restore,
  first: Cause.Cause<E>
) {
  const step = yield* Schedule.toStepWithSleep(yield* TryAgainRetry)
  const retry = (cause: Cause.Cause<E>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      Pull.catchDone(Effect.as(restore(step(cause)), true), () => Effect.succeed(false)),
      (isTime) =>
        isTime
          ? Effect.catchCause(adding(), (next) => failedBy(next, isTryAgain) ? retry(next) : Effect.failCause(next))
          : Effect.failCause(cause)
    )
  return yield* retry(first)
})
