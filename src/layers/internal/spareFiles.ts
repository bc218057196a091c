/** Files that nobody needs any more, kept for who needs one next: another name is sooner had than another file. */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf } from "./errno.ts"
import { removeUnlessRefused, withoutLinks } from "./wholeFile.ts"

export interface SpareFiles<A> {
  /**
   * Gives one of them this name, in the directory that it was kept in; nothing where there is such a file, where none is
   * kept, or where the system refuses. Who gets one looks whether it is still what the name stands for.
   */
  readonly take: (file: string) => A | undefined
  /** Takes the name from a file and keeps it; or does not, and leaves it as it is. */
  readonly keep: (file: string, handle: A) => boolean
  /** Removes all, and from now on keeps none. */
  readonly close: () => void
}

/** `most` are kept, each with an open handle; `close` is how that is closed. */
export const spareFiles = <A>(close: (handle: A) => void, most = 8): SpareFiles<A> => {
  const spares: Array<Spare<A>> = []
  let keepsNone = false

  const drop = ({ file, handle }: Spare<A>) => {
    removeUnlessRefused(file)
    close(handle)
  }

  return {
    take: (file) => {
      const spare = spares.pop()
      if (spare === undefined) return undefined
      try {
        // Unlike a rename, this takes nobody's place.
        Fs.linkSync(spare.file, file)
      } catch (error) {
        const code = codeOf(error)
        if (code === "EEXIST") spares.push(spare)
        else drop(spare)
        keepsNone ||= withoutLinks.has(code)
        return undefined
      }
      removeUnlessRefused(spare.file)
      return spare.handle
    },
    keep: (file, handle) => {
      if (keepsNone || spares.length >= most) return false
      const spare = { file: Path.join(Path.dirname(file), `spare-${Crypto.randomUUID()}`), handle }
      try {
        Fs.renameSync(file, spare.file)
      } catch {
        return false
      }
      spares.push(spare)
      return true
    },
    close: () => {
      keepsNone = true
      for (const spare of spares.splice(0)) drop(spare)
    }
  }
}

interface Spare<A> {
  readonly file: string
  readonly handle: A
}
