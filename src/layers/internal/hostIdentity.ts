/** Which boot of which machine this is. What could not be read is asked for again, since that can be a lack of descriptors. */
import * as Fs from "node:fs"
import type { Host } from "../../domain/JournalEntry.ts"

/** The kernel's ID of this boot; nothing where it cannot be read. */
export const bootId = (): string | undefined => boot ??= readLine("/proc/sys/kernel/random/boot_id")

/** The ID of this machine; nothing where it has none, or it cannot be read. */
export const machineId = (): string | undefined => machine ??= readLine("/etc/machine-id")

/** Both, as far as they can be read now. */
export const thisHost = (): Host => ({ boot: bootId(), machine: machineId() })

let boot: string | undefined
let machine: string | undefined

const readLine = (file: string): string | undefined => {
  try {
    const line = Fs.readFileSync(file, "latin1").trim()
    // A system that is started for the first time has no ID yet.
    return line === "" || line === "uninitialized" ? undefined : line
  } catch {
    return undefined
  }
}
