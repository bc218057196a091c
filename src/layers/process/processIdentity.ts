/** Which process a pid is, so that it cannot be taken for a later one, and which boot of which machine this is. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Host } from "../../domain/attachment/JournalEntry.ts"
import { orElse } from "../../domain/errors/SystemError.ts"

/** What the kernel tells of a process. */
export interface ProcessStat {
  /** Whether it still runs: a zombie does not, nor a process that is on its way to become one. */
  readonly isAlive: boolean
  readonly parent: number
  readonly group: number
  /** The group that has its terminal. */
  readonly foreground: number
  readonly threads: number
  /** In clock ticks since boot. */
  readonly startTime: string
}

/** What the kernel tells of a process; nothing where it cannot be told, or no process has that pid. */
export const statOf = (pid: number): ProcessStat | undefined => {
  // After the name, which may have anything in it: state, parent, group, session, terminal, its foreground group, flags, …
  const fields = readProc(pid, "stat").replace(/^.*\) /s, "").split(" ")
  const [state = "", parent, group] = fields
  if (fields.length < 20) return undefined
  return {
    isAlive: state !== "Z" && state !== "X" && (Number(fields[6]) & exiting) === 0,
    parent: Number(parent),
    group: Number(group),
    foreground: Number(fields[5]),
    threads: Number(fields[17]),
    startTime: fields[19] ?? ""
  }
}

// A process lets go of its locks before it is a zombie.
const exiting = 0x4

/** When a process was started, in clock ticks since boot; empty where that cannot be told, or no process has that pid. */
export const startTimeOf = (pid: number): string => statOf(pid)?.startTime ?? ""

/** Whether the process that had that pid at that time still runs; a zombie does not. */
export const isRunning = (pid: number, startTime: string): boolean => {
  const stat = statOf(pid)
  if (stat !== undefined) return stat.isAlive && (startTime === "" || stat.startTime === startTime)
  return process.platform !== "linux" && answers(pid)
}

/** The process group of a process; nothing where it cannot be told. */
export const groupOf = (pid: number): number | undefined => statOf(pid)?.group

/** The parent of a process; nothing where it cannot be told. */
const parentOf = (pid: number): number | undefined => statOf(pid)?.parent

/** The pids of a process's parent, of that one's parent, and so on, as far as they can be told. */
export const ancestorsOf = (pid: number): ReadonlyArray<number> => {
  const parent = parentOf(pid) ?? 0
  return parent === 0 ? [] : [parent, ...ancestorsOf(parent)]
}

/** Whether a process is of the user that we are, by its real user ID. */
export const isOfOurUser = (pid: number): boolean => {
  const user = /^Uid:\t(\d+)/m.exec(readProc(pid, "status"))?.[1]
  return user !== undefined && Number(user) === process.getuid?.()
}

/** The executable that a process was started by; empty where it cannot be told. */
export const commandOf = (pid: number): string => Path.basename(readProc(pid, "cmdline").split("\0", 1)[0] ?? "")

/** A text that the kernel has about a process; empty where there is none. */
export const readProc = (pid: number, name: string): string =>
  orElse("", () => Fs.readFileSync(`/proc/${pid}/${name}`, "latin1"))

const answers = (pid: number): boolean => orElse(false, () => process.kill(pid, 0))

/** Signals each process of a group. */
export const signalGroup = (group: number, signal: NodeJS.Signals): void => signalProcess(-group, signal)

/** Signals one process. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  // ESRCH: no process is left.
  orElse(false, () => process.kill(pid, signal))
}

/** Whether a process of a group is alive. A dead one that is not yet reaped does not count, where that can be told. */
export const hasLivingMember = (group: number): boolean =>
  answers(-group) && (process.platform !== "linux" || processes().some((pid) => isLivingMember(pid, group)))

/** All processes that we can see; none where there is no /proc. */
export const processes = (): ReadonlyArray<number> =>
  orElse<ReadonlyArray<string>>([], () => Fs.readdirSync("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)

const isLivingMember = (pid: number, group: number): boolean => {
  const stat = statOf(pid)
  return stat !== undefined && stat.isAlive && stat.group === group
}

/**
 * Reads an ID from a file; nothing where it cannot be read now, or where there is none in it. What could not be read is
 * read again the next time, because that can be a lack of descriptors.
 */
export const readOnce = (file: string): () => string | undefined => {
  let id: string | undefined
  return () => id ??= idIn(file)
}

/** The kernel's ID of this boot. */
export const bootId = readOnce("/proc/sys/kernel/random/boot_id")

/** The ID of this machine, which not every machine has. */
export const machineId = readOnce("/etc/machine-id")

/** Both, as far as they can be read now. */
export const thisHost = (): Host => ({ boot: bootId(), machine: machineId() })

const idIn = (file: string): string | undefined => {
  const line = orElse("", () => Fs.readFileSync(file, "latin1")).trim()
  // A system that is started for the first time has no ID yet.
  return line === "" || line === "uninitialized" ? undefined : line
}
