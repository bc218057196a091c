/** Which directories are listed at once: what has more names is for another thread, so that the event loop goes on. */
import * as Fs from "node:fs"

/** What the entries of a directory take tells about how many they are: with names of containers, some hundreds. */
export const isShort = (directory: string): boolean => {
  try {
    return (Fs.statSync(directory, { throwIfNoEntry: false })?.size ?? 0) <= 64 * 1024
  } catch {
    return false
  }
}
