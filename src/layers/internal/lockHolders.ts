/** Who holds a lock on a file, where the kernel tells. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** The pids of the processes that hold locks on a file: for messages, since it may have changed by now. */
export const holdersOf = (file: string): ReadonlyArray<number> =>
  orElse<ReadonlyArray<number>>([], () => [...new Set([...ofProcesses(file), ...ofOpenFiles(file)])])

// Locks of SQLite are those of a process, and the kernel has a list of them.
const ofProcesses = (file: string): ReadonlyArray<number> => {
  const { ino } = Fs.statSync(file)
  return Fs.readFileSync("/proc/locks", "latin1").split("\n").flatMap((line) => {
    const [, pid, inode] = / (\d+) [\da-f]+:[\da-f]+:(\d+) \d+ \S+$/.exec(line) ?? []
    return Number(inode) === ino && Number(pid) > 0 && !line.includes("->") ? [Number(pid)] : []
  })
}

// Others are those of an open file, of which whoever has it open tells.
const ofOpenFiles = (file: string): ReadonlyArray<number> => {
  const place = Path.dirname(Fs.realpathSync(file)) + Path.sep
  const identityOf = (path: string) => {
    const { dev, ino } = Fs.statSync(path, { bigint: true })
    return `${dev} ${ino}`
  }
  const identity = identityOf(file)
  // It may have had another name when it was opened.
  const isIt = (link: string) => linkOf(link).startsWith(place) && orElse("", () => identityOf(link)) === identity
  const hasLocked = (pid: string) =>
    namesIn(`/proc/${pid}/fd`).some((fd) =>
      isIt(`/proc/${pid}/fd/${fd}`) && textOf(`/proc/${pid}/fdinfo/${fd}`).includes("\nlock:")
    )
  return namesIn("/proc").filter((name) => /^\d+$/.test(name)).filter(hasLocked).map(Number)
}

// What has ended meanwhile, and what is somebody else's, has nothing to tell.
const orElse = <A>(otherwise: A, look: () => A): A => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

const namesIn = (directory: string) => orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory))
const linkOf = (file: string) => orElse("", () => Fs.readlinkSync(file))
const textOf = (file: string) => orElse("", () => Fs.readFileSync(file, "latin1"))
