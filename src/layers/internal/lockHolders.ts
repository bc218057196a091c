/** The processes that hold a lock on a file, where the kernel tells. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** The pids of the processes that hold locks on a file: for messages, because it may have changed by now. */
export const holdersOf = (file: string): ReadonlyArray<number> => {
  const inode = inodeOf(file)
  return [...new Set(locks().flatMap((lock) => lock.inode === inode ? [lock.pid] : []))]
}

/**
 * Whether a process holds the lock of a file of that name which was removed since, as a cleaner does. As long as it holds
 * that lock, a new file of the name must not be made: another process could lock that one.
 */
export const isHeldRemoved = (file: string): boolean => {
  const held = locks()
  if (held.length === 0) return false
  const directory = Path.dirname(file)
  const there = new Set(namesIn(directory).map((name) => inodeOf(Path.join(directory, name))))
  const removed = held.filter(({ inode }) => !there.has(inode))
  if (removed.length === 0) return false
  const link = `${orElse(directory, () => Fs.realpathSync(directory))}${Path.sep}${Path.basename(file)} (deleted)`
  return removed.some(({ inode, pid }) =>
    namesIn(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`).some((fd) =>
      linkOf(fd) === link && inodeOf(fd) === inode
    )
  )
}

interface Lock {
  readonly pid: number
  readonly inode: string
}

// Those that the kernel has of processes, on the bytes that SQLite locks.
const locks = (): ReadonlyArray<Lock> =>
  orElse<ReadonlyArray<Lock>>(
    [],
    () =>
      [...Fs.readFileSync("/proc/locks", "latin1").matchAll(processLocks)].map(([, pid, inode = ""]) => ({
        pid: Number(pid),
        inode
      }))
  )

const processLocks = /^\d+: POSIX +\S+ +\S+ +([1-9]\d*) [\da-f]+:[\da-f]+:(\d+) 107374182[4-6] \d+$/gm

const inodeOf = (file: string) => orElse("", () => Fs.statSync(file, { bigint: true }).ino.toString())

// What has ended meanwhile, and what is another user's, has nothing to tell.
const orElse = <A>(otherwise: A, look: () => A): A => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

const namesIn = (directory: string) => orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory))
const linkOf = (file: string) => orElse("", () => Fs.readlinkSync(file))
