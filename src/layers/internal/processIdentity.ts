/** Which process a pid is, so that it cannot be taken for a later one. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** When a process was started, in clock ticks since boot; empty where that cannot be told, or nobody has that pid. */
export const startTimeOf = (pid: number): string => statOf(pid)?.startTime ?? ""

/** Whether the process that had that pid at that time is still there; a zombie is not. */
export const isRunning = (pid: number, startTime: string): boolean => {
  const stat = statOf(pid)
  if (stat !== undefined) return stat.isAlive && (startTime === "" || stat.startTime === startTime)
  return process.platform !== "linux" && answers(pid)
}

/** The process group of a process; nothing where it cannot be told. */
export const groupOf = (pid: number): number | undefined => statOf(pid)?.group

/** The parent of a process; nothing where it cannot be told. */
const parentOf = (pid: number): number | undefined => statOf(pid)?.parent

/** Whether a process has lost the one that started it. */
export const isOrphan = (pid: number): boolean => parentOf(pid) === 1

/** The executable that a process was started by; empty where it cannot be told. */
export const commandOf = (pid: number): string => Path.basename(readProc(pid, "cmdline").split("\0", 1)[0] ?? "")

/** A text that the kernel has about a process; empty where there is none. */
export const readProc = (pid: number, name: string): string => {
  try {
    return Fs.readFileSync(`/proc/${pid}/${name}`, "latin1")
  } catch {
    return ""
  }
}

const statOf = (pid: number) => {
  // After the name, which may have anything in it: state, parent, group, …
  const fields = readProc(pid, "stat").replace(/^.*\) /s, "").split(" ")
  const [state = "", parent, group] = fields
  if (fields.length < 20) return undefined
  return {
    isAlive: state !== "Z" && state !== "X",
    startTime: fields[19] ?? "",
    parent: Number(parent),
    group: Number(group)
  }
}

const answers = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
