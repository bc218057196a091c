/** Which boot of which machine this is. What could not be read is asked for again, since that can be a lack of descriptors. */
import * as Fs from "node:fs"

/** The kernel's ID of this boot; nothing where it cannot be read. */
export const bootId = (): string | undefined => boot ??= readLine("/proc/sys/kernel/random/boot_id")

/** The ID of this machine; nothing where it has none, or it cannot be read. */
export const machineId = (): string | undefined => machine ??= readLine("/etc/machine-id")

let boot: string | undefined
let machine: string | undefined

const readLine = (file: string): string | undefined => {
  try {
    return Fs.readFileSync(file, "latin1").trim() || undefined
  } catch {
    return undefined
  }
}
