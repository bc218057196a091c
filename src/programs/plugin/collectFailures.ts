/** Runs effects past their failures, and collects the failures. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

/** What went wrong: typed failures, and defects as a cause. */
export interface Failures<E> {
  readonly failures: ReadonlyArray<E>
  readonly defects: Cause.Cause<never>
}

/** Runs the effects one after the other, whether or not one before has failed. */
export const collectFailures = <E, R>(
  effects: ReadonlyArray<Effect.Effect<void, E, R>>
): Effect.Effect<Failures<E>, never, R> =>
  Effect.map(Effect.forEach(effects, Effect.exit), (exits) => {
    const causes = exits.flatMap((exit) => Exit.isFailure(exit) ? [exit.cause] : [])
    return {
      failures: causes.flatMap((cause) => Option.toArray(Cause.findErrorOption(cause))),
      defects: Cause.fromReasons(causes.flatMap(({ reasons }) => reasons.filter(Cause.isDieReason)))
    }
  })

/** What went wrong, in words. */
export const inWords = <E extends Error>({ defects, failures }: Failures<E>): string =>
  [...failures, ...Cause.prettyErrors(defects)].map(({ message }) => message).join("; ")
