/** Identifies network namespaces by the files that name them, on this host. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { identify, identityOf, isSameFile } from "../files/fileIdentity.ts"
import { bootId } from "../process/hostIdentity.ts"
import { startTimeOf } from "../process/processIdentity.ts"
import { interfaceAt } from "./interfaceLook.ts"

/**
 * By device, inode and boot; of a file that is a mount point also by when it came into being, and of the namespace of
 * a process by when that process was started. Interfaces are looked for with the optional package koffi, else with
 * `nsenter` and `ip` of the host.
 */
export const layer: Layer.Layer<NetworkNamespaces> = Layer.succeed(
  NetworkNamespaces,
  NetworkNamespaces.of({ identify: (path) => Effect.sync(() => namespaceAt(path)), interfaceAt })
)

const namespaceAt = (path: string): NamespaceAt => {
  try {
    const found = Fs.statSync(path, { bigint: true, throwIfNoEntry: false })
    if (found === undefined) return { _tag: "Nothing" }
    // Nothing is opened: what lies there may be a pipe or a device.
    if (!namespaceFileSystems.has(Fs.statfsSync(path).type)) return { _tag: "OtherFile" }
    const createdAt = timeOf(path, found)
    const file = identityOf(found)
    const id = { ...file, boot: bootId() ?? "" }
    return {
      _tag: "Namespace",
      id: createdAt === "" ? id : { ...id, createdAt },
      isOwn: isSameFile(file, identify("/proc/self/ns/net"))
    }
  } catch {
    return { _tag: "Nothing" }
  }
}

// The kernel makes what /proc links to anew when no process holds it, with another time.
const timeOf = (path: string, { ctimeNs }: Fs.BigIntStats): string => {
  const [, pid] = /^\/proc\/(\d+)\/(?:task\/\d+\/)?ns\/net$/.exec(path) ?? []
  if (pid !== undefined) return `process ${startTimeOf(Number(pid))}`
  return Fs.lstatSync(path).isSymbolicLink() ? "" : ctimeNs.toString()
}

// Of namespaces, and of kernels before 3.19, which have them in /proc.
const namespaceFileSystems = new Set([0x6e736673, 0x9fa0])
