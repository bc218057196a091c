/** Asks everybody, whatever the others said, and keeps all that went wrong. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

/** What went wrong: failures as they are, defects as causes. */
export interface Settled<E> {
  readonly failures: ReadonlyArray<E>
  readonly defects: Cause.Cause<never>
}

/** Runs the effects one after the other. */
export const settle = <E, R>(effects: ReadonlyArray<Effect.Effect<void, E, R>>): Effect.Effect<Settled<E>, never, R> =>
  Effect.map(Effect.forEach(effects, Effect.exit), (exits) => {
    const causes = exits.flatMap((exit) => Exit.isFailure(exit) ? [exit.cause] : [])
    return {
      failures: causes.flatMap((cause) => Option.toArray(Cause.findErrorOption(cause))),
      defects: Cause.fromReasons(causes.flatMap(({ reasons }) => reasons.filter(Cause.isDieReason)))
    }
  })

/** What went wrong, in words. */
export const inWords = <E extends Error>({ defects, failures }: Settled<E>): string =>
  [...failures, ...Cause.prettyErrors(defects)].map(({ message }) => message).join("; ")
