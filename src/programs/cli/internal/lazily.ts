/** Loads what a command does when it is asked for: to parse one command must not take reading the code of all. */
import * as Effect from "effect/Effect"

/** A handler in a module of its own, which exports it as `run`. */
export const lazily =
  <Input, E, R>(load: () => Promise<{ readonly run: (input: Input) => Effect.Effect<void, E, R> }>) =>
  (input: Input): Effect.Effect<void, E, R> => Effect.flatMap(Effect.promise(load), ({ run }) => run(input))
