/** Processes that a runtime started and left when it died: plugins, and those that are still to become one. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Owner, ProcessId } from "../../domain/attachment/JournalEntry.ts"
import { orElse } from "../../domain/errors/SystemError.ts"
import {
  isOfOurUser,
  isRunning,
  processes,
  type ProcessStat,
  readProc,
  startTimeOf,
  statOf
} from "./processIdentity.ts"

/**
 * A process that a dead runtime left: `forked` until it reaches exec, `loading` while the kernel makes it the program that it
 * will be, and then a `plugin`.
 */
export interface Orphan extends ProcessId {
  readonly stage: "forked" | "loading" | "plugin"
}

/** What a runtime left, with what tells its plugins: nothing while it lives, because then all that it started have a parent. */
export const orphansOf = (owner: Owner, isPlugin: (pid: number) => boolean): ReadonlyArray<Orphan> => {
  if (isRunning(owner.pid, owner.startTime)) return []
  const found: Array<Orphan> = []
  const seen = new Set<number>()
  // A process may have started another one, and ended before it was looked at: as long as there are new ones, they are, too.
  for (let pids = processes(); pids.length > 0; pids = processes().filter((pid) => !seen.has(pid))) {
    for (const pid of pids) {
      seen.add(pid)
      const orphan = orphanAt(pid, owner, isPlugin)
      if (orphan !== undefined) found.push(orphan)
    }
  }
  return found
}

/**
 * The process of that pid, if a runtime that died has left it. A process of another user is not ours. Of a plugin the leader
 * of its group counts, because a plugin is the parent of those that it starts; a process that was forked has no group yet.
 */
export const orphanAt = (pid: number, owner: Owner, isPlugin: (pid: number) => boolean): Orphan | undefined => {
  const stat = statOf(pid)
  if (stat === undefined || !stat.isAlive || pid === process.pid) return undefined
  const { startTime } = stat
  const isAlone = isLeftBy(owner, stat)
  if (!(isAlone || isLeftBy(owner, leaderOf(stat))) || !isOfOurUser(pid)) return undefined
  // In the order of the stages, each looked at anew, so that a process that reaches the next one meanwhile is not missed.
  if (isAlone && isForkedBy(owner, pid)) return { pid, startTime, stage: "forked" }
  if (isAlone && isLoading(pid)) return { pid, startTime, stage: "loading" }
  return isPlugin(pid) && isLeftBy(owner, leaderOf(statOf(pid) ?? stat))
    ? { pid, startTime, stage: "plugin" }
    : undefined
}

// A zombie that leads a group tells whose it is, too, until its parent has taken note of its end.
const leaderOf = (stat: ProcessStat): ProcessStat => statOf(stat.group) ?? stat

const isLeftBy = (owner: Owner, { parent, startTime }: ProcessStat): boolean =>
  Number(startTime) >= Number(owner.startTime) && isReaperOf(owner, parent)

// The kernel gives an orphan to the first process, or to an ancestor of its dead parent that has asked for orphans; not at once,
// since it takes the locks of a process that dies before its children. A pid that was an ancestor's can be a later process's.
const isReaperOf = ({ ancestors = [], pid, startTime }: Owner, parent: number): boolean =>
  parent === 1 || (parent === pid && startTimeOf(pid) === startTime) ||
  (ancestors.includes(parent) && Number(startTimeOf(parent)) <= Number(startTime))

// A process has all files of the runtime that forked it open until exec closes them, the runtime's lease among them. It has
// one thread; a living runtime, which opens the lease for a moment to look at it, has several.
const isForkedBy = ({ lease }: Owner, pid: number): boolean =>
  statOf(pid)?.threads === 1 && linksOf(`/proc/${pid}/fd`).some((link) => isLease(lease, link))

// Between the two it has neither arguments nor variables.
const isLoading = (pid: number): boolean =>
  readProc(pid, "environ") === "" && readProc(pid, "cmdline") === "" && isRunning(pid, "")

// A lease names its file, and may say more about it after a dot.
const isLease = (lease: string, link: string): boolean =>
  Path.basename(link).replace(/ \(deleted\)$/, "") === `lease-${lease.split(".", 1).join("")}`

// A process may have ended meanwhile, and a file may have been closed.
const linksOf = (directory: string): ReadonlyArray<string> =>
  orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory)).flatMap((name) =>
    orElse<ReadonlyArray<string>>([], () => [Fs.readlinkSync(`${directory}/${name}`)])
  )
