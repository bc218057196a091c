/** How large and deep what is stored may be: so that nothing can be stored that cannot be read again. */
import * as Context from "effect/Context"
import { limitsFor } from "../../domain/attachment/CacheEntry.ts"
import type { JsonLimits } from "../../domain/json/Json.ts"
import { JsonLimit, OutputLimit } from "../../services/Tunables.ts"

/** For files that hold configurations, arguments and results within the limits of a context. */
export const recordLimitsIn = (context: Context.Context<never>): JsonLimits => {
  const { maxBytes, maxDepth } = Context.get(context, JsonLimit)
  const { stdout } = Context.get(context, OutputLimit)
  return limitsFor({ maxBytes: Math.max(maxBytes, stdout.maxBytes), maxDepth: Math.max(maxDepth, stdout.maxDepth) })
}
