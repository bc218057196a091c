/** Looks for an interface in another network namespace. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import type { InterfaceAt } from "../../services/network/NetworkNamespaces.ts"
import * as Koffi from "../process/koffi.ts"

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
    withFile("/proc/thread-self/ns/net", (own) =>
      withFile(path, (there) => {
        // To enter our own needs the permission to come back.
        if (setns(own, network) !== 0 || setns(there, network) !== 0) return "unseen"
        try {
          return ask(ifName)
        } finally {
          if (setns(own, network) !== 0) process.abort()
        }
      }))
}

const withFile = (path: string, look: (descriptor: number) => InterfaceAt): InterfaceAt => {
  let descriptor: number | undefined
  try {
    descriptor = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
    return look(descriptor)
  } catch {
    return "unseen"
  } finally {
    if (descriptor !== undefined) Fs.closeSync(descriptor)
  }
}

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
