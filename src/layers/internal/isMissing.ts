/** Whether a file is not there, found out without an error: one that nobody sees takes ten times as long to make. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Not where its directory is missing or is none either, or may not be looked into: then an error has to say why. */
export const isMissing = (file: string): boolean =>
  Fs.statSync(file, { throwIfNoEntry: false }) === undefined &&
  Fs.statSync(Path.dirname(file), { throwIfNoEntry: false })?.isDirectory() === true
