/** Signals to a plugin and all that it started, and whether any of those is still there. */
import * as Fs from "node:fs"
import { statOf } from "./processIdentity.ts"

/** Signals each process of a group. */
export const signalGroup = (group: number, signal: NodeJS.Signals): void => signalProcess(-group, signal)

/** Signals one process. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // ESRCH: no process is left.
  }
}

/** Whether a process of a group is alive. A dead one that is not yet reaped does not count, where that can be told. */
export const hasLivingMember = (group: number): boolean => {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  return process.platform !== "linux" || processes().some((pid) => isLivingMember(pid, group))
}

/** All processes that we can see; none where there is no /proc. */
export const processes = (): ReadonlyArray<number> => {
  try {
    return Fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
  } catch {
    return []
  }
}

const isLivingMember = (pid: number, group: number): boolean => {
  const stat = statOf(pid)
  return stat !== undefined && stat.isAlive && stat.group === group
}
