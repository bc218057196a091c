/** Starts processes by forking this one. */
import * as Effect from "effect/Effect"
import { start } from "./childProcess.ts"
import type { Launch } from "./launch.ts"

/** Each start copies the page tables of this process, and holds up its event loop for as long as that takes. */
export const launch: Launch = ({ path, stdin, variables }) =>
  Effect.callback((resume) => {
    start({ path, stdin, environment: { ...process.env, ...variables }, cwd: undefined }, {
      started: (launched) => resume(Effect.succeed(launched)),
      refused: (refusal) => resume(Effect.fail(refusal))
    })
  })
