/** Makes directories that are missing. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf } from "./errno.ts"

/** Makes a directory and those above it that are missing (mode 0700), and says why that cannot be. */
export const makeDirectory = (directory: string): void => {
  try {
    Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    // Node has ENOENT for a read-only file system: the first one that is missing, by itself, has the true reason.
    if (codeOf(error) === "ENOENT") Fs.mkdirSync(firstMissing(directory))
    throw error
  }
}

const firstMissing = (directory: string): string => {
  const parent = Path.dirname(directory)
  return parent === directory || Fs.existsSync(parent) ? directory : firstMissing(parent)
}

/** Does something, and where directories are missing for it, makes them and does it again. */
export const madeIfMissing = <A>(directories: ReadonlyArray<string>, action: () => A): A => {
  try {
    return action()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    for (const directory of directories) makeDirectory(directory)
    return action()
  }
}
