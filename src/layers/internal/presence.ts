/** Whether a file is there, found out without an error: one that nobody sees takes ten times as long to make. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Unknown where something above it is no directory, or may not be looked into: then an error has to say why. */
export const presenceOf = (file: string): "there" | "missing" | "unknown" => {
  if (Fs.statSync(file, { throwIfNoEntry: false }) !== undefined) return "there"
  for (let below = file;;) {
    const above = Path.dirname(below)
    const found = Fs.statSync(above, { throwIfNoEntry: false })
    if (found !== undefined) return found.isDirectory() ? "missing" : "unknown"
    if (above === below) return "unknown"
    below = above
  }
}
