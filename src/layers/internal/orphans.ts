/** Processes that a runtime started and left when it died: plugins, and those that are still to become one. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Owner, ProcessId } from "../../domain/JournalEntry.ts"
import { processes } from "./processGroup.ts"
import { isOfOurUser, isRunning, type ProcessStat, readProc, startTimeOf, statOf } from "./processIdentity.ts"

/**
 * The processes of our user that may be a dead runtime's: they run, were not started before it, and the leader of their
 * group has a parent that the kernel gives to orphans. The leader counts because a plugin is the parent of those that it
 * starts. While the runtime lives, all that it started are its children, and none is an orphan.
 */
export const orphansOf = (owner: Owner): ReadonlyArray<ProcessId> =>
  isRunning(owner.pid, owner.startTime) ? [] : processes().flatMap((pid) => {
    const stat = statOf(pid)
    const isOrphan = stat !== undefined && stat.isAlive && isLeftBy(owner, leaderOf(stat)) && pid !== process.pid &&
      isOfOurUser(pid)
    return isOrphan ? [{ pid, startTime: stat.startTime }] : []
  })

// A zombie that leads a group tells whose it is, too, until its parent has taken note of its end.
const leaderOf = (stat: ProcessStat): ProcessStat => statOf(stat.group) ?? stat

const isLeftBy = (owner: Owner, { parent, startTime }: ProcessStat): boolean =>
  Number(startTime) >= Number(owner.startTime) && isReaperOf(owner, parent)

// The kernel gives an orphan to the first process, or to an ancestor of its dead parent that has asked for that. A pid that
// was an ancestor's can be a later process's by now.
const isReaperOf = ({ ancestors = [], startTime }: Owner, pid: number): boolean =>
  pid === 1 || (ancestors.includes(pid) && Number(startTimeOf(pid)) <= Number(startTime))

/**
 * Whether a process was forked by a runtime, and has not reached exec. Until then it has the runtime's lease open, which exec
 * closes. It has one thread; a living runtime, which opens the lease for a moment to look at it, has several.
 */
export const isForkedBy = ({ lease }: Owner, pid: number): boolean =>
  statOf(pid)?.threads === 1 && linksOf(`/proc/${pid}/fd`).some((link) => isLease(lease, link))

/** Whether the kernel is loading the program of a process: it has no arguments and no variables at that moment. */
export const isLoading = (pid: number): boolean =>
  readProc(pid, "environ") === "" && readProc(pid, "cmdline") === "" && statOf(pid)?.isAlive === true

const isLease = (lease: string, link: string): boolean =>
  Path.basename(link).replace(/ \(deleted\)$/, "") === `lease-${lease}`

const linksOf = (directory: string): ReadonlyArray<string> =>
  orNone(() => Fs.readdirSync(directory)).flatMap((name) => orNone(() => [Fs.readlinkSync(`${directory}/${name}`)]))

// A process may have ended meanwhile, and so may what it had open.
const orNone = (look: () => ReadonlyArray<string>): ReadonlyArray<string> => {
  try {
    return look()
  } catch {
    return []
  }
}
