/** Keeps what V8 compiled of this program for its next start, where no other user can put code into it. */
import * as Module from "node:module"
import * as Path from "node:path"
import { foreignAccess, makeDirectory } from "../files/privateDirectory.ts"

/** In the user's own cache directory; where others could put something into it, or there is no looking, nothing is kept. */
export const keepCompiled = (program: string): void => {
  const { HOME: home = "", XDG_CACHE_HOME: cache = "" } = process.env
  const above = cache === "" ? Path.join(home, ".cache") : cache
  if (!Path.isAbsolute(above) || process.geteuid === undefined) return
  const directory = Path.join(above, program)
  try {
    // With sudo, HOME can be another user's: what they put there, or anywhere above, would run as root.
    if (foreignAccess({ directory: above, inside: [directory] }) !== undefined) return
    // Node makes it as the umask says, and where a group may write to it, it would not be used the next time.
    makeDirectory(directory)
    Module.enableCompileCache(directory)
  } catch {
    // It only starts slower.
  }
}
