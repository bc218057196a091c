/** Somebody who dies where it was told to, and what it needs to know for that. */
import { AttachmentKey } from "effect-cni"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { assassin } from "./assassin.ts"
import type { Aim, Phase } from "./seams.ts"

/** Whether what runs belongs to a GC. */
export const InGc = Context.Reference<boolean>("effect-cni/test/InGc", { defaultValue: () => false })

/** Somebody who dies where it was told to. */
export interface Mortal {
  /** To be called at every step. */
  readonly reach: (seam: string) => void
  /** Whether it is to die at a step, the next time. */
  readonly isDue: (seam: string) => boolean
  readonly die: () => never
  /** To be called before something that it may die in, while nothing else can be done. */
  readonly enter: (seam: string) => void
  readonly afterMs: number
}

/** Dies at the aim; `lastWords` are said before. */
export const mortal = (aim: Aim | null, lastWords: (seam: string) => void): Mortal => {
  let reached = 0
  const die = (): never => {
    lastWords(aim?.seam ?? "")
    process.kill(process.pid, "SIGKILL")
    // The signal has ended it by now.
    throw new Error("still alive")
  }
  const isDue = (seam: string) => aim?.seam === seam && ++reached === aim.nth
  const afterMs = aim?.afterMs ?? 0
  const shoot = aim !== null && /inside (journal|cache)/.test(aim.seam) ? assassin(afterMs) : () => {}
  return {
    reach: (seam) => isDue(seam) && die(),
    isDue,
    die,
    enter: (seam) => {
      if (!isDue(seam)) return
      lastWords(seam)
      shoot()
    },
    afterMs
  }
}

// What an ADD has begun and nobody has completed: a DEL of it is the undo.
const adding = new Set<string>()

/** To be called when an ADD begins. */
export const beginAdd = (key: AttachmentKey.AttachmentKey): void => void adding.add(AttachmentKey.fileName(key))

/** To be called when an ADD is completed, or undone. */
export const endAdd = (key: AttachmentKey.AttachmentKey): void => void adding.delete(AttachmentKey.fileName(key))

/** What an operation on an attachment is about. */
export const phaseOf = (key: AttachmentKey.AttachmentKey, isAdd: boolean): Effect.Effect<Phase> =>
  Effect.map(InGc, (isGc) => {
    if (isAdd) return "add"
    if (adding.has(AttachmentKey.fileName(key))) return "rollback"
    return isGc ? "gc" : "del"
  })

/** Does something that is written, which it may die before, in or after. */
export const at = <A, E>(self: Mortal, phase: Phase, step: string, action: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  around(self, phase, step, Effect.andThen(Effect.sync(() => self.enter(`${phase}: inside ${step}`)), action))

/** Does something that it may die before or after. */
export const around = <A, E>(
  self: Mortal,
  phase: Phase,
  step: string,
  action: Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    self.reach(`${phase}: before ${step}`)
    return yield* Effect.ensuring(action, Effect.sync(() => self.reach(`${phase}: after ${step}`)))
  })
