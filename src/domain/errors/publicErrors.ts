/** The public module `CniError`: every error, and the words that libcni and podman have for it. */
export * from "./CniError.ts"
export { type Dialect, format, type FormatOptions } from "./ErrorText.ts"
