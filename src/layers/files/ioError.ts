/** What the file system says, as an error of the cache. */
import { CacheIoError } from "../../domain/errors/CniError.ts"
import { codeOf } from "./errno.ts"

/** The error of an operation on a file, from what Node throws. */
export const ioErrorOf = (operation: CacheIoError["operation"], path: string, error: unknown): CacheIoError =>
  new CacheIoError({
    operation,
    path,
    reason: codeOf(error) || "Unknown",
    detail: error instanceof Error ? error.message : String(error)
  })
