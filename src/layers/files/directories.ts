/** Makes directories, removes files of them, and makes what changed in them survive a loss of power. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf, orIfMissing } from "./errno.ts"
import { withFile } from "./openFile.ts"

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

/** Removes a file, if there is one. `durable` is for a loss of power. */
export const removeIfThere = (file: string, durable = false): void =>
  orIfMissing(undefined, () => {
    Fs.unlinkSync(file)
    if (durable) syncDirectory(Path.dirname(file))
  })

/** Makes what was linked, renamed or removed in a directory survive a loss of power. */
export const syncDirectory = (directory: string): void => withFile(directory, "r", Fs.fsyncSync)

/** As `syncDirectory`, for one that may be another user's: nothing of ours is in a directory that we cannot write to. */
export const syncIfOurs = (directory: string): void => {
  try {
    syncDirectory(directory)
  } catch (error) {
    if (!notOurs.has(codeOf(error))) throw error
  }
}

const notOurs: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EINVAL"])
