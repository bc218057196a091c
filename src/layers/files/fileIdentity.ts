/** Tells files apart by device and inode. */
import * as Fs from "node:fs"

/** The same for two paths exactly where both lead to one file. */
export interface FileIdentity {
  readonly device: string
  readonly inode: string
}

/** The identity of the file that a path leads to; nothing where there is none, or none that we may look at. */
export const identify = (path: string): FileIdentity | undefined => {
  try {
    return identityOf(Fs.statSync(path, { bigint: true }))
  } catch {
    return undefined
  }
}

export const identityOf = ({ dev, ino }: Fs.BigIntStats): FileIdentity => ({ device: `${dev}`, inode: `${ino}` })

/** Whether two files are one. A file that is not there is no other one. */
export const isSameFile = (left: FileIdentity | undefined, right: FileIdentity | undefined): boolean =>
  left !== undefined && left.device === right?.device && left.inode === right.inode
