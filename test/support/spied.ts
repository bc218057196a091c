/** Functions of `node:fs` that are watched or replaced for a while. */
import * as Effect from "effect/Effect"
import { syncBuiltinESMExports } from "node:module"

/** Watches or replaces one until the scope closes. */
export const spied = <A extends { readonly mockRestore: () => void }>(spy: () => A) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const made = spy()
      syncBuiltinESMExports()
      return made
    }),
    (made) =>
      Effect.sync(() => {
        made.mockRestore()
        syncBuiltinESMExports()
      })
  )
