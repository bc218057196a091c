/** Operations on the files of records: which names and sizes they may have, and the errors of the system as ours. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { isSafeFileName } from "../../domain/attachment/AttachmentKey.ts"
import { limitsFor } from "../../domain/attachment/CacheEntry.ts"
import { CacheIoError } from "../../domain/errors/CniError.ts"
import { errnoText } from "../../domain/errors/GoWording.ts"
import { codeOf, messageOf } from "../../domain/errors/SystemError.ts"
import type { JsonLimits } from "../../domain/json/Json.ts"
import { JsonLimit, OutputLimit } from "../../services/Tunables.ts"

/** Go's words for what Node throws, such as `no such file or directory`; Node's own words where Go has none. */
export const wordsOf = (error: unknown): string => {
  const said = messageOf(error)
  return errnoText(codeOf(error)) ?? /^E[A-Z0-9]+: (.*?)(?:, [a-z]+(?: '.*)?)?$/s.exec(said)?.[1] ?? said
}

/** The error of an operation on a file, from what Node throws. */
export const ioErrorOf = (operation: CacheIoError["operation"], path: string, error: unknown): CacheIoError =>
  new CacheIoError({ operation, path, reason: codeOf(error) || "Unknown", detail: messageOf(error) })

/** An operation on a file, by calls of Node. Fails with what they throw. */
export const attempt = <A>(
  operation: CacheIoError["operation"],
  path: string,
  action: (context: Context.Context<never>) => A
): Effect.Effect<A, CacheIoError> =>
  Effect.contextWith((context: Context.Context<never>) => {
    try {
      return Effect.succeed(action(context))
    } catch (error) {
      return Effect.fail(ioErrorOf(operation, path, error))
    }
  })

/** The error of an operation on the file of a name that leads out of its directory; nothing where it does not. */
export const unsafeName = (
  operation: CacheIoError["operation"],
  directory: string,
  name: string
): CacheIoError | undefined =>
  isSafeFileName(name)
    ? undefined
    : new CacheIoError({ operation, path: directory, reason: "InvalidName", detail: JSON.stringify(name) })

/** For files that hold configurations, arguments and results within the limits of a context. */
export const recordLimitsIn = (context: Context.Context<never>): JsonLimits => {
  const { maxBytes, maxDepth } = Context.get(context, JsonLimit)
  const { stdout } = Context.get(context, OutputLimit)
  return limitsFor({ maxBytes: Math.max(maxBytes, stdout.maxBytes), maxDepth: Math.max(maxDepth, stdout.maxDepth) })
}
