/** What the errors of the system are called. */
import { errnoText } from "../../domain/GoWords.ts"

/** The errno of what Node throws, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""

/** What Go, and so libcni, says of an error of the system, such as `no such file or directory`. */
export const wordsOf = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error)
  return errnoText(codeOf(error)) ?? /^E[A-Z0-9]+: (.*?)(?:, [a-z]+(?: '.*)?)?$/s.exec(said)?.[1] ?? said
}
