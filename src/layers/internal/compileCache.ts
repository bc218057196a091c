/** Keeps what V8 compiled of this program for its next start, where nobody else can put code into it. */
import * as Fs from "node:fs"
import * as Module from "node:module"
import * as Path from "node:path"

/** In the user's own cache directory; where others could put something into it, nothing is kept. */
export const keepCompiled = (program: string): void => {
  const { HOME: home = "", XDG_CACHE_HOME: cache = "" } = process.env
  const directory = cache === "" ? Path.join(home, ".cache", program) : Path.join(cache, program)
  if (process.getuid === undefined || !Path.isAbsolute(directory) || !isOurs(directory, process.getuid())) return
  Module.enableCompileCache(directory)
}

// With sudo, HOME can be another user's: what they put there, or anywhere above, would run as root.
const isOurs = (directory: string, userId: number): boolean => {
  const info = Fs.lstatSync(directory, { throwIfNoEntry: false })
  const above = Path.dirname(directory)
  if (info === undefined) return above !== directory && isOurs(above, userId)
  const isWritten = (info.mode & 0o022) !== 0 && (info.mode & sticky) === 0
  if (!info.isDirectory() || isWritten || (info.uid !== 0 && info.uid !== userId)) return false
  return above === directory || isOurs(above, userId)
}

const sticky = 0o1000
