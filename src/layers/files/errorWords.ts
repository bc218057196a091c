/** What Go, and so libcni, says of the errors of the system. */
import { errnoText } from "../../domain/errors/GoWords.ts"
import { codeOf } from "./errno.ts"

/** The words for what Node throws, such as `no such file or directory`; Node's own where Go's are not known. */
export const wordsOf = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error)
  return errnoText(codeOf(error)) ?? /^E[A-Z0-9]+: (.*?)(?:, [a-z]+(?: '.*)?)?$/s.exec(said)?.[1] ?? said
}
