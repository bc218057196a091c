/** Names of namespaces that say who made them, so that what a dead process has left can be found. */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import { isRunning, startTimeOf } from "./processIdentity.ts"

/** A new name: our pid and when we were started, the namespaces in which these hold, and something random. */
export const newName = (): string =>
  `${prefix}${process.pid}-${startTimeOf(process.pid)}-${namespaces()}-${Crypto.randomBytes(3).toString("hex")}`

/** Whether a namespace was made by a process that is dead. Of processes that we cannot see, none is. */
export const isLeft = (name: string): boolean => {
  const [, pid = "", startTime = "", seenIn] = pattern.exec(name) ?? []
  return pid !== "" && seenIn === namespaces() && !isRunning(Number(pid), startTime)
}

const prefix = "effect-cni-exec-"
const pattern = new RegExp(`^${prefix}(\\d+)-(\\d+)-(\\d+-\\d+)-[0-9a-f]{6}$`)

// A pid means another process in another pid namespace, and a time another moment in another time namespace.
const namespaces = (): string => `${inodeOf("pid")}-${inodeOf("time")}`

// Kernels before 5.6 have no time namespaces.
const inodeOf = (kind: string): bigint =>
  Fs.statSync(`/proc/self/ns/${kind}`, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n
