/** Files that grow by lines, kept open as long as somebody is at them: to open one takes longer than to add a line. */
import * as Fs from "node:fs"

export interface GrowingFiles {
  /** Goes on with a file that was just made, with so many bytes of whole lines in it, through its descriptor. */
  readonly keep: (file: string, descriptor: number, size: number) => void
  /** Adds a line: all of it, or nothing where the disk is full. Throws where there is no such file (any more). */
  readonly append: (file: string, line: string, durable: boolean) => void
  readonly release: (file: string) => void
  readonly releaseAll: () => void
}

/** How they are opened, also by whoever makes them. */
export const forGrowing = Fs.constants.O_RDWR | Fs.constants.O_APPEND

/** `most` are open at once: beyond that the oldest is closed, and opened again where it is needed. */
export const growingFiles = (most = 64): GrowingFiles => {
  const open = new Map<string, Open>()
  const release = (file: string) => {
    const known = open.get(file)
    if (known === undefined) return
    open.delete(file)
    Fs.closeSync(known.descriptor)
  }
  const keep = (file: string, descriptor: number, size: number) => {
    release(file)
    const [oldest] = open.keys()
    if (oldest !== undefined && open.size >= most) release(oldest)
    const known = { descriptor, size }
    open.set(file, known)
    return known
  }
  const opened = (file: string): readonly [Open, size: number] => {
    const known = open.get(file)
    if (known !== undefined) {
      const { nlink, size } = Fs.fstatSync(known.descriptor)
      // One that somebody has removed is not the one of that name.
      if (nlink > 0) return [known, size]
    }
    const anew = keep(file, Fs.openSync(file, forGrowing), unknown)
    return [anew, Fs.fstatSync(anew.descriptor).size]
  }
  return {
    keep,
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
        release(file)
        throw error
      }
    },
    release,
    releaseAll: () => {
      for (const file of open.keys()) release(file)
    }
  }
}

interface Open {
  readonly descriptor: number
  /** What it had in it after a whole line of ours. */
  size: number
}

const unknown = -1

const appendWhole = (descriptor: number, line: string, size: number): number => {
  try {
    Fs.writeFileSync(descriptor, line)
  } catch (error) {
    Fs.ftruncateSync(descriptor, size)
    throw error
  }
  return size + Buffer.byteLength(line)
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
