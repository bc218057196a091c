/** How a network namespace, a process and a runtime are told from others, also after a reboot or on another machine. */
import * as Schema from "effect/Schema"

/**
 * Which network namespace a path named: the device and inode of its file, the boot in which it was seen, and when the
 * file is a mount point also the time of its creation, because inodes are given out again.
 */
export const NamespaceId = Schema.Struct({
  device: Schema.String,
  inode: Schema.String,
  boot: Schema.String,
  createdAt: Schema.optionalKey(Schema.String)
})
export type NamespaceId = typeof NamespaceId.Type

/**
 * Whether two identities are of the same namespace. The times of creation are compared only with `atSamePath`, because
 * one namespace can have several paths, each made at another time. An empty boot could not be read, and equals any.
 */
export const isSameNamespace = (
  left: NamespaceId,
  right: NamespaceId,
  { atSamePath }: { atSamePath: boolean }
): boolean =>
  left.device === right.device && left.inode === right.inode && isSameBoot(left.boot, right.boot) &&
  (!atSamePath || left.createdAt === right.createdAt)

const isSameBoot = (left: string, right: string): boolean => left === "" || right === "" || left === right

/**
 * A process. `startTime`, in clock ticks of the kernel, tells it from a later process with the same pid. It is empty for
 * plugins, which are found by their environment.
 */
export const ProcessId = Schema.Struct({ pid: Schema.Int, startTime: Schema.String })
export type ProcessId = typeof ProcessId.Type

/**
 * The runtime that works on an attachment.
 *
 * - `lease`: names the lock that it holds as long as it lives.
 * - `boot`, `machine`: the boot of the kernel, and the machine, in which it ran; absent where they could not be read.
 * - `ancestors`: the pids of its parent, the parent's parent, and so on. One of them becomes the parent of its plugins
 *   when it dies.
 */
export const Owner = Schema.Struct({
  ...ProcessId.fields,
  lease: Schema.String,
  boot: Schema.optionalKey(Schema.String),
  machine: Schema.optionalKey(Schema.String),
  ancestors: Schema.optionalKey(Schema.Array(Schema.Int))
})
export type Owner = typeof Owner.Type

/** The boot of the kernel, and the machine; absent where they could not be read. */
export interface Host {
  readonly boot: string | undefined
  readonly machine: string | undefined
}

/** Where an owner ran: in the current boot of this machine, in an earlier one, or on another machine. */
export type Origin = "this boot" | "earlier boot" | "other machine"

/**
 * Where an owner ran, as seen from a host. No two boots have the same ID, on any machine. Machines without an ID are
 * taken for the same one.
 */
export const originOf = (owner: Owner, here: Host): Origin => {
  if (owner.boot === undefined || here.boot === undefined || owner.boot === here.boot) return "this boot"
  return owner.machine === here.machine ? "earlier boot" : "other machine"
}
