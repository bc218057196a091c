/** Whether a file is there, found out without an error: one that nobody sees takes ten times as long to make. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Unknown where its directory is missing or is none, or may not be looked into: then an error has to say why. */
export const presenceOf = (file: string): "there" | "missing" | "unknown" => {
  if (Fs.statSync(file, { throwIfNoEntry: false }) !== undefined) return "there"
  return Fs.statSync(Path.dirname(file), { throwIfNoEntry: false })?.isDirectory() === true ? "missing" : "unknown"
}
