/** Identifies network namespaces by the files that name them, on this host, and looks for interfaces in them. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { orElse } from "../../domain/errors/SystemError.ts"
import { type InterfaceAt, type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { identify, identityOf, isSameFile, withFile } from "../files/openFile.ts"
import * as Koffi from "../process/koffi.ts"
import { bootId, startTimeOf } from "../process/processIdentity.ts"

/**
 * By device, inode and boot; of a file that is a mount point also by when it came into being, and of the namespace of
 * a process by when that process was started. Interfaces are looked for with the optional package koffi, else with
 * `nsenter` and `ip` of the host.
 */
export const layer: Layer.Layer<NetworkNamespaces> = Layer.sync(
  NetworkNamespaces,
  () => NetworkNamespaces.of({ identify: (path) => Effect.sync(() => namespaceAt(path)), interfaceAt })
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

/**
 * With koffi, this thread enters the namespace and comes back before anything else can run: some 0.15 ms. It enters none
 * that it could not leave again. Without, `nsenter` and `ip` of the host are started: some 5 ms.
 */
export const interfaceAt = (path: string, ifName: string): Effect.Effect<InterfaceAt> =>
  Effect.flatMap(Effect.promise(entering), (enter) => {
    const found = enter?.(path, ifName) ?? "unseen"
    return found === "unseen" ? askIp(path, ifName) : Effect.succeed(found)
  })

type Enter = (path: string, ifName: string) => InterfaceAt

let bound: Promise<Enter | undefined> | undefined

const entering = (): Promise<Enter | undefined> =>
  bound ??= process.platform === "linux" ? Koffi.load().then(bind, () => undefined) : Promise.resolve(undefined)

const bind = (koffi: Koffi.Koffi): Enter => {
  const libc = koffi.load(null)
  const setns: (descriptor: number, kind: number) => number = libc.func("int setns(int, int)")
  const socket: (...of: [number, number, number]) => number = libc.func("int socket(int, int, int)")
  const ioctl: (descriptor: number, request: number, argument: Buffer) => number = libc.func(
    "int ioctl(int, unsigned long, _Inout_ uint8_t *)"
  )

  const ask = (ifName: string): InterfaceAt => {
    const descriptor = socket(unix, datagram | closeOnExec, 0)
    if (descriptor < 0) return "unseen"
    try {
      const request = Buffer.alloc(requestBytes)
      request.write(ifName)
      if (ioctl(descriptor, getHardwareAddress, request) === 0) return { mac: macOf(request) }
      return koffi.errno() === noSuchDevice ? "absent" : "unseen"
    } finally {
      Fs.closeSync(descriptor)
    }
  }

  return (path, ifName) =>
    orElse(
      "unseen",
      () =>
        withFile("/proc/thread-self/ns/net", forLooking, (own) =>
          withFile(path, forLooking, (there) => {
            // To enter our own needs the permission to come back.
            if (setns(own, network) !== 0 || setns(there, network) !== 0) return "unseen"
            try {
              return ask(ifName)
            } finally {
              if (setns(own, network) !== 0) process.abort()
            }
          }))
    )
}

const forLooking = Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK

const macOf = (request: Buffer): string =>
  Array.from(request.subarray(macAt, macAt + 6), (byte) => byte.toString(16).padStart(2, "0")).join(":")

const askIp = (path: string, ifName: string): Effect.Effect<InterfaceAt> =>
  Effect.callback((resume) => {
    const args = [`--net=${path}`, "ip", "-json", "link", "show"]
    const asking = ChildProcess.execFile("nsenter", args, { timeout: 5000 }, (error, stdout) => {
      resume(Effect.succeed(error === null ? inListing(stdout, ifName) : "unseen"))
    })
    return Effect.sync(() => asking.kill())
  })

const inListing = (listing: string, ifName: string): InterfaceAt => {
  try {
    const links: unknown = JSON.parse(listing)
    if (!Array.isArray(links)) return "unseen"
    const link: unknown = links.find((one: { readonly ifname?: unknown; readonly altnames?: unknown }) =>
      one.ifname === ifName || (Array.isArray(one.altnames) && one.altnames.includes(ifName))
    )
    if (typeof link !== "object" || link === null) return "absent"
    return { mac: "address" in link && typeof link.address === "string" ? link.address : "" }
  } catch {
    return "unseen"
  }
}

// CLONE_NEWNET, AF_UNIX, SOCK_DGRAM, SOCK_CLOEXEC, SIOCGIFHWADDR, ENODEV; `struct ifreq`: a name of 16 bytes, then an address.
const network = 0x40000000
const unix = 1
const datagram = 2
const closeOnExec = 0o2000000
const getHardwareAddress = 0x8927
const noSuchDevice = 19
const requestBytes = 40
const macAt = 18
