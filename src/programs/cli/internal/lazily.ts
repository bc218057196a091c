/** Loads what a command does when it is asked for: to parse one command must not take reading the code of all. */
import * as Effect from "effect/Effect"
import { effectCni } from "../base.ts"
import { Flags } from "./sharedFlags.ts"

/** A handler in a module of its own, which exports it as `run`. */
export const lazily =
  <Input, E, R>(load: () => Promise<{ readonly run: (input: Input) => Effect.Effect<void, E, R> }>) => (input: Input) =>
    Effect.gen(function*() {
      const flags = yield* effectCni
      const { run } = yield* Effect.promise(load)
      yield* Effect.provideService(run(input), Flags, flags)
    })
