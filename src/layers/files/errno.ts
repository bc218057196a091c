/** What Node calls the errors of the system; loads nothing. */

/** The errno of what Node throws, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""
