/** Opens files for as long as they are used, and tells them apart; loads nothing of Effect. */
import * as Fs from "node:fs"
import { orElse } from "../../domain/errors/SystemError.ts"

/** How to open a file that grows by lines and can be replaced by a link. */
const forGrowing = Fs.constants.O_RDWR | Fs.constants.O_APPEND | Fs.constants.O_NOFOLLOW

/** Opens a file, uses it, and closes it. Where using it and closing it both fail, the error is that of using it. */
export const withFile = <A>(
  path: string | Buffer,
  flags: string | number,
  use: (descriptor: number) => A,
  mode?: number
): A => {
  const descriptor = Fs.openSync(path, flags, mode)
  let used: A
  try {
    used = use(descriptor)
  } catch (error) {
    // The error of the use says more than one of closing.
    orElse(undefined, () => Fs.closeSync(descriptor))
    throw error
  }
  Fs.closeSync(descriptor)
  return used
}

/** Adds a line to a file of lines: all of it, or nothing where the disk is full. Throws where there is no such file. */
export const appendLine = (file: string, line: string, durable: boolean): void =>
  withFile(file, forGrowing, (descriptor) => {
    const size = withoutCutLine(descriptor)
    try {
      Fs.writeFileSync(descriptor, line)
    } catch (error) {
      // Where that is refused, the next line that is added does it.
      orElse(undefined, () => Fs.ftruncateSync(descriptor, size))
      throw error
    }
    if (durable) Fs.fsyncSync(descriptor)
  })

// A process that died while it wrote may have left part of a line, which the next one must not be joined to.
const withoutCutLine = (descriptor: number): number => {
  const { size } = Fs.fstatSync(descriptor)
  if (size === 0) return size
  const last = Buffer.alloc(1)
  Fs.readSync(descriptor, last, 0, 1, size - 1)
  if (last[0] === lineFeed) return size
  const content = Buffer.alloc(size)
  Fs.readSync(descriptor, content, 0, size, 0)
  const whole = content.lastIndexOf(lineFeed) + 1
  Fs.ftruncateSync(descriptor, whole)
  return whole
}

const lineFeed = 0x0a

/** The same for two paths exactly where both lead to one file. */
export interface FileIdentity {
  readonly device: string
  readonly inode: string
}

/** The identity of the file that a path leads to; nothing where there is none, or none that we may look at. */
export const identify = (path: string): FileIdentity | undefined =>
  orElse(undefined, () => identityOf(Fs.statSync(path, { bigint: true })))

export const identityOf = ({ dev, ino }: Fs.BigIntStats): FileIdentity => ({ device: `${dev}`, inode: `${ino}` })

/** Whether two files are one. A file that is not there is no other one. */
export const isSameFile = (left: FileIdentity | undefined, right: FileIdentity | undefined): boolean =>
  left !== undefined && left.device === right?.device && left.inode === right.inode
