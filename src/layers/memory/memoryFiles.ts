/** What a file system says of file names, for what is kept in memory under them: tests see the same errors. */
import * as Effect from "effect/Effect"
import { isSafeFileName } from "../../domain/attachment/AttachmentKey.ts"
import { CacheIoError } from "../../domain/errors/CniError.ts"

/** Does something with the file of a name, unless no file of the directory can have that name. */
export const onName = <A, E>(
  operation: CacheIoError["operation"],
  directory: string,
  name: string,
  action: Effect.Effect<A, E>
): Effect.Effect<A, E | CacheIoError> => {
  if (!isSafeFileName(name)) {
    return Effect.fail(
      new CacheIoError({ operation, path: directory, reason: "InvalidName", detail: JSON.stringify(name) })
    )
  }
  // There is no file of a name that is too long: it can be looked for and removed, but not written.
  const isTooLong = new TextEncoder().encode(name).byteLength > maxNameBytes
  return isTooLong && operation === "write"
    ? Effect.fail(
      new CacheIoError({ operation, path: directory + name, reason: "ENAMETOOLONG", detail: "name too long" })
    )
    : action
}

const maxNameBytes = 255
