/** The steps of a runtime, at each of which it can fail, hang, be slow, be interrupted and die. */
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"

/**
 * A moment in an operation: right before or after a service does something, and for a plugin also while it runs.
 *
 * - `index`: counts the steps of a runtime, from 0.
 * - `call`: what the service is asked for: `run bridge ADD`, `put`, `begin`, `note Succeeded`, `network shared`, …
 */
export interface Step {
  readonly index: number
  readonly service: "PluginExec" | "AttachmentCache" | "AttachmentJournal" | "AttachmentLock"
  readonly call: string
  readonly when: "before" | "during" | "after"
}

/** What happens at a step. */
export type Fault =
  | { readonly _tag: "Fail"; readonly reason: string }
  | { readonly _tag: "Hang" }
  | { readonly _tag: "Delay"; readonly duration: Duration.Input }
  | { readonly _tag: "Interrupt" }
  | { readonly _tag: "Crash" }

/** What is to happen at each step; nothing where it gives nothing. */
export type Plan = (step: Step) => Fault | undefined

/** One runtime: what is to happen to it, and what has. */
export interface Life {
  readonly plan: Plan
  readonly steps: Array<Step>
  readonly fibers: Set<Fiber.Fiber<unknown, unknown>>
  readonly died: Deferred.Deferred<void>
  /** Holds what a death lets go. */
  readonly scope: Scope.Closeable
  isDead: boolean
}

/** A runtime at its start. */
export const lifeOf = Effect.fnUntraced(function*(plan: Plan): Effect.fn.Return<Life> {
  return {
    plan,
    steps: [],
    fibers: new Set(),
    died: yield* Deferred.make<void>(),
    scope: yield* Scope.make(),
    isDead: false
  }
})

// The dead do nothing more: not even their finalizers.
export const step = <E>(
  life: Life,
  service: Step["service"],
  call: string,
  when: Step["when"],
  failing: (reason: string) => E
): Effect.Effect<void, E> =>
  Effect.suspend((): Effect.Effect<void, E> => {
    if (life.isDead) return Effect.never
    const taken: Step = { index: life.steps.length, service, call, when }
    life.steps.push(taken)
    const fault = life.plan(taken)
    switch (fault?._tag) {
      case undefined:
        return Effect.void
      case "Fail":
        return Effect.fail(failing(fault.reason))
      case "Hang":
        return Effect.never
      case "Delay":
        return Effect.sleep(fault.duration)
      case "Interrupt":
        return Effect.withFiber((self) => {
          for (const fiber of life.fibers.size > 0 ? life.fibers : [self]) fiber.interruptUnsafe()
          return Effect.yieldNow
        })
      case "Crash":
        return Effect.andThen(die(life), Effect.never)
    }
  })

const die = (life: Life) =>
  Effect.suspend(() => {
    life.isDead = true
    return Effect.andThen(Scope.close(life.scope, Exit.void), Deferred.succeed(life.died, undefined))
  })

/** A call with its steps before and after. */
export const around = <A, E, E2, R>(
  life: Life,
  service: Step["service"],
  call: string,
  failing: (reason: string) => E2,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | E2, R> =>
  step(life, service, call, "before", failing).pipe(
    Effect.andThen(effect),
    Effect.tap(() => step(life, service, call, "after", failing))
  )
