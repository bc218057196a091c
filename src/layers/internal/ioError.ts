/** What the file system says, as an error of the cache. */
import * as Predicate from "effect/Predicate"
import { CacheIoError } from "../../domain/CniError.ts"

/** The error of an operation on a file, from what Node throws. */
export const ioErrorOf = (operation: CacheIoError["operation"], path: string, error: unknown): CacheIoError =>
  new CacheIoError({
    operation,
    path,
    reason: codeOf(error) || "Unknown",
    detail: error instanceof Error ? error.message : String(error)
  })

/** The errno of what Node throws, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  Predicate.hasProperty(error, "code") && typeof error.code === "string" ? error.code : ""
