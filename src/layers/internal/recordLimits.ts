/** How large and deep what is stored may be: so that nothing can be stored that cannot be read again. */
import * as Effect from "effect/Effect"
import { limitsFor } from "../../domain/CacheEntry.ts"
import type { JsonLimits } from "../../domain/Json.ts"
import { JsonLimit, OutputLimit } from "../../services/Tunables.ts"

/** For files that hold configurations, arguments and results within their limits. */
export const recordLimits: Effect.Effect<JsonLimits> = Effect.gen(function*() {
  const { maxBytes, maxDepth } = yield* JsonLimit
  const { stdout } = yield* OutputLimit
  return limitsFor({ maxBytes: Math.max(maxBytes, stdout.maxBytes), maxDepth: Math.max(maxDepth, stdout.maxDepth) })
})
