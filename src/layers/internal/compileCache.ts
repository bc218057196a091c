/** Keeps what V8 compiled of this program for its next start, where nobody else can put code into it. */
import * as Fs from "node:fs"
import * as Module from "node:module"
import * as Path from "node:path"

/** In the user's own cache directory; without one that is theirs alone to write, nothing is kept. */
export const keepCompiled = (program: string): void => {
  const { HOME: home = "", XDG_CACHE_HOME: cache = "" } = process.env
  const base = cache === "" ? home : cache
  if (process.getuid === undefined || !Path.isAbsolute(base) || !isOurs(base, process.getuid())) return
  Module.enableCompileCache(cache === "" ? Path.join(home, ".cache", program) : Path.join(cache, program))
}

// With sudo, HOME can be another user's: what they put there would run as root.
const isOurs = (directory: string, userId: number): boolean => {
  const info = Fs.statSync(directory, { throwIfNoEntry: false })
  return info?.uid === userId && (info.mode & 0o022) === 0
}
