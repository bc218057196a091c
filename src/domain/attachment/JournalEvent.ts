/** What can happen to an attachment, as a line of the journal says it, and which process, runtime and namespace it names. */
import * as Schema from "effect/Schema"
import { Command } from "../errors/CniError.ts"
import { JsonMembers } from "../json/JsonCodec.ts"

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

/**
 * `adding` and `deleting`: an operation works on it, or died. `attached`: it is up. `failed`: an undo or a DEL could not
 * be completed, and is to be tried again.
 */
export const AttachmentState = Schema.Literals(["adding", "attached", "deleting", "failed"])
export type AttachmentState = typeof AttachmentState.Type

/**
 * What identifies the plugins of an operation after their runtime has died: that runtime, and their CNI_NETNS and
 * CNI_PATH.
 */
export const Operation = Schema.Struct({ owner: Owner, netns: Schema.String, searchPath: Schema.String })
export type Operation = typeof Operation.Type

/**
 * What an ADD saw before it ran its first plugin: no interface of that name (`free`), one that the caller allowed
 * (`allowed`), or nothing, because it could not look into the namespace (`unseen`).
 */
export const InterfaceLook = Schema.Literals(["free", "allowed", "unseen"])
export type InterfaceLook = typeof InterfaceLook.Type

/** A plugin that was started. */
export const StartedPlugin = Schema.Struct({ ...ProcessId.fields, command: Command, path: Schema.String })
export type StartedPlugin = typeof StartedPlugin.Type

/** What can happen to an attachment. `at` is in ms since 1970. */
export const JournalEvent = Schema.Union([
  Schema.TaggedStruct("Started", { ...StartedPlugin.fields }),
  Schema.TaggedStruct("Succeeded", { result: JsonMembers }),
  Schema.TaggedStruct("Became", {
    state: AttachmentState,
    at: Schema.Finite,
    issue: Schema.optionalKey(Schema.String),
    /** The operation that begins. */
    operation: Schema.optionalKey(Operation),
    /** Of the entry that is meant, because a writer without the locks may come after it was replaced. */
    id: Schema.optionalKey(Schema.String)
  })
])
export type JournalEvent = typeof JournalEvent.Type
