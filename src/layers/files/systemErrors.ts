/** Errors of the system: in the words of Go, and so of libcni, and as errors of the cache. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { isSafeFileName } from "../../domain/attachment/AttachmentKey.ts"
import { CacheIoError } from "../../domain/errors/CniError.ts"
import { errnoText } from "../../domain/errors/GoWords.ts"
import { codeOf } from "./errno.ts"

/** Go's words for what Node throws, such as `no such file or directory`; Node's own words where Go has none. */
export const wordsOf = (error: unknown): string => {
  const said = messageOf(error)
  return errnoText(codeOf(error)) ?? /^E[A-Z0-9]+: (.*?)(?:, [a-z]+(?: '.*)?)?$/s.exec(said)?.[1] ?? said
}

/** The message of what Node throws. */
export const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

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
