/** Identifies network namespaces by the files that name them, on this host. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import type { NamespaceId } from "../domain/JournalEntry.ts"
import { NetworkNamespaces } from "../services/NetworkNamespaces.ts"

/** By device, inode and boot; and of a file that is a mount of its own by when it came into being. */
export const layer: Layer.Layer<NetworkNamespaces> = Layer.succeed(
  NetworkNamespaces,
  NetworkNamespaces.of({ identify: (path) => Effect.sync(() => identify(path)) })
)

const identify = (path: string): NamespaceId | undefined => {
  try {
    const { ctimeNs, dev, ino } = Fs.statSync(path, { bigint: true })
    const id = { device: dev.toString(), inode: ino.toString(), boot: bootId() }
    // What /proc links to is made anew when nobody holds it, with another time.
    return Fs.lstatSync(path).isSymbolicLink() ? id : { ...id, createdAt: ctimeNs.toString() }
  } catch {
    return undefined
  }
}

let boot: string | undefined

const bootId = (): string => {
  try {
    return boot ??= Fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
  } catch {
    return boot = ""
  }
}
