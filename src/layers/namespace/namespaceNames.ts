/** Names of namespaces that say which process made them, and for which cache, so that its `recover` finds what is left. */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { identify } from "../files/fileIdentity.ts"
import { isRunning, startTimeOf } from "../process/processIdentity.ts"

/** A new name: our pid and when we were started, the namespaces in which these hold, the cache, and something random. */
export const newName = (cacheDir: string): string => {
  const random = Crypto.randomBytes(3).toString("hex")
  return `${prefix}${process.pid}-${startTimeOf(process.pid)}-${namespaces()}-${digestOf(cacheDir)}-${random}`
}

/** Whether a namespace was made for that cache by a process that is dead. Of processes that we cannot see, none is. */
export const isLeft = (name: string, cacheDir: string): boolean => {
  const [, pid = "", startTime = "", seenIn, cache] = pattern.exec(name) ?? []
  return pid !== "" && seenIn === namespaces() && cache === digestOf(cacheDir) && !isRunning(Number(pid), startTime)
}

const prefix = "effect-cni-exec-"
const pattern = new RegExp(`^${prefix}(\\d+)-(\\d+)-(\\d+-\\d+)-([0-9a-f]{12})-[0-9a-f]{6}$`)

// A pid means another process in another pid namespace, and a time another moment in another time namespace.
const namespaces = (): string => `${inodeOf("pid")}-${inodeOf("time")}`

// Kernels before 5.6 have no time namespaces.
const inodeOf = (kind: string): string => identify(`/proc/self/ns/${kind}`)?.inode ?? "0"

const digestOf = (cacheDir: string): string => Crypto.hash("sha256", realPathOf(Path.resolve(cacheDir))).slice(0, 12)

// One cache may be reached by several links, and is made only after the first namespace.
const realPathOf = (path: string): string => {
  try {
    return Fs.realpathSync(path)
  } catch {
    const above = Path.dirname(path)
    return above === path ? path : Path.join(realPathOf(above), Path.basename(path))
  }
}
