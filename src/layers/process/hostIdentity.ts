/** Which boot of which machine this is. */
import * as Fs from "node:fs"
import type { Host } from "../../domain/attachment/JournalEntry.ts"

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
  try {
    const line = Fs.readFileSync(file, "latin1").trim()
    // A system that is started for the first time has no ID yet.
    return line === "" || line === "uninitialized" ? undefined : line
  } catch {
    return undefined
  }
}
