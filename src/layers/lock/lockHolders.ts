/** The processes that hold a lock on a file, where the kernel tells. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { identify } from "../files/fileIdentity.ts"

/** The pids of the processes that hold locks on a file: for messages, because it may have changed by now. */
export const holdersOf = (file: string): ReadonlyArray<number> => {
  const inode = identify(file)?.inode
  return [...new Set(locks().flatMap((lock) => lock.inode === inode ? [lock.pid] : []))]
}

/**
 * The files of a directory that processes have locked and that were removed since, as a cleaner does. As long as one is
 * locked, a new file of its name must not be made: another process could lock that one. `heldHere` has the inodes of what
 * this thread has locked, and is not looked for. The kernel takes some 10 ms to list its locks.
 */
export const heldRemovedIn = (directory: string, heldHere: ReadonlySet<string>): ReadonlyArray<string> => {
  const there = new Set(namesIn(directory).map((name) => identify(Path.join(directory, name))?.inode))
  const removed = locks().filter(({ inode, pid }) => (pid !== process.pid || !heldHere.has(inode)) && !there.has(inode))
  if (removed.length === 0) return []
  const place = orElse(directory, () => Fs.realpathSync(directory)) + Path.sep
  return removed.flatMap(pathsOf).filter((path) => path.startsWith(place))
}

interface Lock {
  readonly pid: number
  readonly inode: string
}

// A file that was removed has the path that it had. Files of two file systems can have one inode number.
const pathsOf = ({ inode, pid }: Lock): ReadonlyArray<string> => {
  const directory = `/proc/${pid}/fd`
  return namesIn(directory).flatMap((name) => {
    const link = orElse("", () => Fs.readlinkSync(`${directory}/${name}`))
    const isFile = link.startsWith("/") && identify(`${directory}/${name}`)?.inode === inode
    return isFile ? [link.replace(/ \(deleted\)$/, "")] : []
  })
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

// What has ended meanwhile, and what is another user's, has nothing to tell.
const orElse = <A>(otherwise: A, look: () => A): A => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

const namesIn = (directory: string) => orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory))
