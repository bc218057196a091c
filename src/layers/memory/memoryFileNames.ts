/** What a file system says of file names, for what is kept in memory under them: tests see the same errors. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { type AttachmentKey, fileName } from "../../domain/attachment/AttachmentKey.ts"
import { CacheIoError } from "../../domain/errors/CniError.ts"
import type { JsonLimits } from "../../domain/json/Json.ts"
import { recordLimitsIn, unsafeName } from "../files/systemErrors.ts"

/** Does something within the limits of the context. */
export const withLimits = <A>(action: (limits: JsonLimits) => A): Effect.Effect<A> =>
  Effect.contextWith((context: Context.Context<never>) => Effect.sync(() => action(recordLimitsIn(context))))

/** Does something with the file of an attachment, unless no file of the directory can have that name. */
export const onName = <A>(
  operation: CacheIoError["operation"],
  directory: string,
  key: AttachmentKey,
  action: (name: string, limits: JsonLimits) => A
): Effect.Effect<A, CacheIoError> => {
  const name = fileName(key)
  // There is no file of a name that is too long: it can be looked for and removed, but not written.
  const isTooLong = operation === "write" && new TextEncoder().encode(name).byteLength > maxNameBytes
  const path = directory + name
  return unsafeName(operation, directory, name) ?? (isTooLong
    ? Effect.fail(new CacheIoError({ operation, path, reason: "ENAMETOOLONG", detail: "name too long" }))
    : withLimits((limits) => action(name, limits)))
}

const maxNameBytes = 255
