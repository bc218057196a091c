/** Opens files for as long as they are used. */
import * as Fs from "node:fs"

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
    closeUnlessRefused(descriptor)
    throw error
  }
  Fs.closeSync(descriptor)
  return used
}

const closeUnlessRefused = (descriptor: number): void => {
  try {
    Fs.closeSync(descriptor)
  } catch {
    // The caller has an error that says more.
  }
}

/** Adds a line to a file of lines: all of it, or nothing where the disk is full. Throws where there is no such file. */
export const appendLine = (file: string, line: string, durable: boolean): void =>
  withFile(file, forGrowing, (descriptor) => {
    const size = withoutCutLine(descriptor)
    try {
      Fs.writeFileSync(descriptor, line)
    } catch (error) {
      takeBack(descriptor, size)
      throw error
    }
    if (durable) Fs.fsyncSync(descriptor)
  })

const takeBack = (descriptor: number, size: number) => {
  try {
    Fs.ftruncateSync(descriptor, size)
  } catch {
    // The next line that is added does it.
  }
}

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
