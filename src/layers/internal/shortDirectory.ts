/** Which directories are listed at once: what has more names is for another thread, so that the event loop goes on. */
import * as Fs from "node:fs"
import { presenceOf } from "./presence.ts"

/**
 * What the entries of a directory take tells about how many they are: with names of containers, some hundreds at once.
 * Where that cannot be told, listing it says why.
 */
export const lengthOf = (directory: string): "missing" | "short" | "long" => {
  try {
    const found = Fs.statSync(directory, { throwIfNoEntry: false })
    if (found !== undefined) return found.size <= 64 * 1024 ? "short" : "long"
    return presenceOf(directory) === "missing" ? "missing" : "long"
  } catch {
    return "long"
  }
}
