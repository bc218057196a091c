/** What Node throws where the system says no; loads nothing. */

/** The errno of what Node throws, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""

/** The message of what Node throws. */
export const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** What a look gives, or `otherwise` where the system refuses. */
export const orElse = <A>(otherwise: A, look: () => A): A => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

/** Does something with a file, unless there is none. A name that is too long for a file is not the name of one. */
export const orIfMissing = <A>(otherwise: A, action: () => A): A => {
  try {
    return action()
  } catch (error) {
    if (["ENOENT", "ENAMETOOLONG"].includes(codeOf(error))) return otherwise
    throw error
  }
}
