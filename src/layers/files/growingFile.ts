/** Files that grow by lines, kept open as long as somebody is at them: to open one takes longer than to add a line. */
import * as Fs from "node:fs"

export interface GrowingFiles {
  /** Goes on with a file that was just made, with so many bytes of whole lines in it, through its descriptor. */
  readonly keep: (file: string, descriptor: number, size: number) => void
  /** Adds a line: all of it, or nothing where the disk is full. Throws where there is no such file (any more). */
  readonly append: (file: string, line: string, durable: boolean) => void
  /** Throws where what was added may be lost after all. */
  readonly release: (file: string) => void
  /** The same for one that is to be removed. */
  readonly forget: (file: string) => void
  /** Forgets all, and from now on keeps none. */
  readonly close: () => void
}

/** How they are opened, also by whoever makes them. */
export const forGrowing = Fs.constants.O_RDWR | Fs.constants.O_APPEND | Fs.constants.O_NOFOLLOW

/** `most` are open at once: beyond that the oldest is closed, and opened again where it is needed. */
export const growingFiles = (most = 64): GrowingFiles => {
  const open = new Map<string, Open>()
  let isClosed = false
  const release = (file: string) => {
    const known = open.get(file)
    if (known === undefined) return
    open.delete(file)
    Fs.closeSync(known.descriptor)
  }
  const forget = (file: string) => {
    try {
      release(file)
    } catch {
      // Whoever forgets it does not need it, or has an error that says more.
    }
  }
  const keep = (file: string, descriptor: number, size: number) => {
    forget(file)
    const [oldest] = open.keys()
    if (oldest !== undefined && open.size >= most) forget(oldest)
    const { dev, ino } = Fs.fstatSync(descriptor)
    const known = { descriptor, dev, ino, size }
    open.set(file, known)
    return known
  }
  const opened = (file: string): readonly [Open, size: number] => {
    const known = open.get(file)
    if (known !== undefined) {
      const found = Fs.statSync(file, { throwIfNoEntry: false })
      // Somebody may have removed or moved it, and made another one.
      if (found?.ino === known.ino && found.dev === known.dev) return [known, found.size]
    }
    const anew = keep(file, Fs.openSync(file, forGrowing), unknown)
    return [anew, Fs.fstatSync(anew.descriptor).size]
  }
  return {
    keep: (file, descriptor, size) => {
      keep(file, descriptor, size)
      if (isClosed) release(file)
    },
    append: (file, line, durable) => {
      try {
        const [known, size] = opened(file)
        known.size = appendWhole(
          known.descriptor,
          line,
          size === known.size ? size : withoutCutLine(known.descriptor, size)
        )
        if (durable) Fs.fsyncSync(known.descriptor)
      } catch (error) {
        forget(file)
        throw error
      }
      if (isClosed) release(file)
    },
    release,
    forget,
    close: () => {
      isClosed = true
      for (const file of open.keys()) forget(file)
    }
  }
}

interface Open {
  readonly descriptor: number
  readonly dev: number
  readonly ino: number
  /** What it had in it after a whole line of ours. */
  size: number
}

const unknown = -1

const appendWhole = (descriptor: number, line: string, size: number): number => {
  try {
    Fs.writeFileSync(descriptor, line)
  } catch (error) {
    takeBack(descriptor, size)
    throw error
  }
  return size + Buffer.byteLength(line)
}

const takeBack = (descriptor: number, size: number) => {
  try {
    Fs.ftruncateSync(descriptor, size)
  } catch {
    // The next line that is added does it.
  }
}

// Who died while adding may have left part of a line, which the next one must not be joined to.
const withoutCutLine = (descriptor: number, size: number): number => {
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
