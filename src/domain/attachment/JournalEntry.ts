/**
 * What is kept about an attachment beside its record: how far it has come, what it was made with, and who is at it. A
 * file of lines: the entry as it began, then what happened since. A line that a crash cut off never happened.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Command } from "../errors/CniError.ts"
import { decode as decodeWith } from "../json/DecodeIssue.ts"
import {
  defaultLimits,
  isJson,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  parse,
  stringify
} from "../json/Json.ts"
import * as Shape from "../json/JsonShape.ts"
import { agrees, type AttachmentKey } from "./AttachmentKey.ts"
import type { CacheEntry } from "./CacheEntry.ts"

const JsonMembers = Schema.declare((value): value is JsonObject => isJson(value, Infinity) && isJsonObject(value))

/**
 * `adding` and `deleting`: an operation is at it, or died at it. `attached`: it is up. `failed`: an undo or a DEL could
 * not be completed, and is to be tried again.
 */
export const AttachmentState = Schema.Literals(["adding", "attached", "deleting", "failed"])
export type AttachmentState = typeof AttachmentState.Type

/**
 * Which network namespace a path named: the device and inode of its file, the boot in which it was seen, and where the
 * file is a mount of its own also when it came into being, since inodes are given out again.
 */
export const NamespaceId = Schema.Struct({
  device: Schema.String,
  inode: Schema.String,
  boot: Schema.String,
  createdAt: Schema.optionalKey(Schema.String)
})
export type NamespaceId = typeof NamespaceId.Type

/**
 * A process. By `startTime`, in the clock ticks of the kernel, it is told from a later one with its pid; it is empty of
 * plugins, which are known by their environment.
 */
export const ProcessId = Schema.Struct({ pid: Schema.Int, startTime: Schema.String })
export type ProcessId = typeof ProcessId.Type

/**
 * The runtime that works on an attachment.
 *
 * - `lease`: names the lock that it holds as long as it lives.
 * - `boot`, `machine`: the boot of the kernel, and the machine, in which it ran; absent where they could not be read.
 * - `ancestors`: the pids of its parent, of that one's parent, and so on. One of them becomes the parent of its plugins
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

/**
 * What the plugins of an operation can be told by, after the runtime that started them has died: that runtime, and their
 * CNI_NETNS and CNI_PATH.
 */
export const Operation = Schema.Struct({ owner: Owner, netns: Schema.String, searchPath: Schema.String })
export type Operation = typeof Operation.Type

/**
 * What an ADD saw before it ran its first plugin: no interface of that name (`free`), one that the caller allowed
 * (`allowed`), or nothing, because nobody could look into the namespace (`unseen`).
 */
export const InterfaceLook = Schema.Literals(["free", "allowed", "unseen"])
export type InterfaceLook = typeof InterfaceLook.Type

/** A plugin that was started. */
export const StartedPlugin = Schema.Struct({ ...ProcessId.fields, command: Command, path: Schema.String })
export type StartedPlugin = typeof StartedPlugin.Type

const Begun = Schema.Struct({
  kind: Schema.Literal("effectCniAttachmentV1"),
  id: Schema.String,
  network: Schema.String,
  containerId: Schema.String,
  ifName: Schema.String,
  state: AttachmentState,
  cniVersion: Schema.String,
  plugins: Schema.Array(JsonMembers),
  netns: Schema.String,
  cniArgs: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
  capabilityArgs: JsonMembers,
  namespace: Schema.optionalKey(NamespaceId),
  owner: Owner,
  scoped: Schema.Boolean,
  searchPath: Schema.optionalKey(Schema.String),
  look: Schema.optionalKey(InterfaceLook),
  ownNamespace: Schema.optionalKey(Schema.Boolean),
  result: Schema.optionalKey(JsonMembers),
  since: Schema.Finite
})

/**
 * An attachment as the journal knows it.
 *
 * - `id`: tells it from an earlier or later attachment of the same name.
 * - `cniVersion`, `plugins`: the chain that it was made with, drop-ins included.
 * - `netns`, `cniArgs`, `capabilityArgs`: the parameters of its ADD; `namespace`: what `netns` named at that time.
 * - `owner`: the runtime that began it; with `scoped`, the attachment ends with that runtime.
 * - `operation`: the last operation on it; its plugins may still run.
 * - `look`: what its ADD saw before it began; `undefined` where it was not begun by an ADD.
 * - `ownNamespace`: whether its ADD was allowed to attach the runtime's own network namespace.
 * - `result`: of the last plugin that succeeded; `done`: how many have; `running`: the one that was started last.
 * - `since`, `changed`: ms since 1970; `issue`: why it is `failed`, in words.
 */
export interface JournalEntry extends AttachmentKey {
  readonly id: string
  readonly state: AttachmentState
  readonly cniVersion: string
  readonly plugins: ReadonlyArray<JsonObject>
  readonly netns: string
  readonly cniArgs: ReadonlyArray<readonly [key: string, value: string]>
  readonly capabilityArgs: JsonObject
  readonly namespace: NamespaceId | undefined
  readonly owner: Owner
  readonly scoped: boolean
  readonly operation: Operation
  readonly look: InterfaceLook | undefined
  readonly ownNamespace: boolean
  readonly result: JsonObject | undefined
  readonly done: number
  readonly running: StartedPlugin | undefined
  readonly since: number
  readonly changed: number
  readonly issue: string | undefined
}

/**
 * The key of a network itself, under which a GC of it is written down while its plugins collect. No attachment has it,
 * nor its file name.
 */
export const networkKey = (network: string): AttachmentKey => ({ network, containerId: "", ifName: "" })

/** Whether an entry is about a network, and no attachment to it. */
export const isOfNetwork = ({ containerId }: AttachmentKey): boolean => containerId === ""

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
    /** Of the entry that is meant; for who writes without the locks, and may come after it was replaced. */
    id: Schema.optionalKey(Schema.String)
  })
])
export type JournalEvent = typeof JournalEvent.Type

/** The entry after something has happened. */
export const apply = (entry: JournalEntry, event: JournalEvent): JournalEntry => {
  switch (event._tag) {
    case "Started": {
      const { command, path, pid, startTime } = event
      return { ...entry, running: { command, path, pid, startTime } }
    }
    case "Succeeded":
      return { ...entry, result: event.result, done: entry.done + 1, running: undefined }
    case "Became":
      if (event.id !== undefined && event.id !== entry.id) return entry
      return {
        ...entry,
        state: event.state,
        changed: event.at,
        issue: event.issue,
        operation: event.operation ?? entry.operation,
        running: undefined
      }
  }
}

/** The text of an entry that begins. */
export const encode = (entry: JournalEntry): string => {
  const { changed, done, issue, look, namespace, operation, ownNamespace, result, running, ...begun } = entry
  return line({
    kind: "effectCniAttachmentV1",
    ...begun,
    searchPath: operation.searchPath,
    ...(look !== undefined && { look }),
    ...(ownNamespace && { ownNamespace }),
    ...(namespace !== undefined && { namespace }),
    ...(result !== undefined && { result })
  })
}

/** The text that is added when something has happened. */
export const encodeEvent = (event: JournalEvent): string => line({ ...event })

const line = (json: JsonObject): string => `${stringify(json)}\n`

/** Reads an entry; the failure says why it is none, in words. */
export const decode = (text: string, limits: JsonLimits = defaultLimits): Result.Result<JournalEntry, string> => {
  // What follows the last line feed was cut off.
  const [first, ...events] = text.split("\n").slice(0, -1)
  if (first === undefined) return Result.fail(text === "" ? "it is empty" : "its first line is cut off")
  const begun = decodeLine(Begun, isBegun, first, limits)
  if (Result.isFailure(begun)) return Result.fail(begun.failure)
  const last = Math.max(events.findLastIndex(isSuccess), 0)
  let entry = { ...begin(begun.success), done: events.slice(0, last).filter(isSuccess).length }
  for (const event of events.filter((event, at) => at >= last || !isPassed(event))) {
    const happened = decodeLine(JournalEvent, isEvent, event, limits)
    if (Result.isFailure(happened)) return Result.fail(happened.failure)
    entry = apply(entry, happened.success)
  }
  return Result.succeed(entry)
}

/** The network that the first line of an entry names, which can still be read where a later line is damaged; else "". */
export const networkIn = (text: string, { maxDepth }: JsonLimits = defaultLimits): string => {
  const [first = ""] = text.split("\n", 1)
  const json = Result.getOrElse(parse(first, maxDepth), () => null)
  const network = isJsonObject(json) ? json["network"] : undefined
  return typeof network === "string" ? network : ""
}

const begin = (
  { kind: _, look, namespace, ownNamespace = false, result, searchPath = "", since, ...begun }: typeof Begun.Type
): JournalEntry => ({
  ...begun,
  operation: { owner: begun.owner, netns: begun.netns, searchPath },
  look,
  ownNamespace,
  namespace,
  result,
  done: 0,
  running: undefined,
  since,
  changed: since,
  issue: undefined
})

// What such lines of ours begin and end with.
const isSuccess = (line: string): boolean => line.startsWith(`{"_tag":"Succeeded",`) && line.endsWith("}")
const isStart = (line: string): boolean => line.startsWith(`{"_tag":"Started",`) && line.endsWith("}")

// A later success says its result anew, and nothing runs that was started before it.
const isPassed = (line: string): boolean => isSuccess(line) || isStart(line)

const decodeLine = <T, E, A extends T & Json>(
  schema: Schema.Codec<T, E>,
  isUsual: Shape.Shape<A>,
  text: string,
  { maxDepth }: JsonLimits
): Result.Result<T, string> =>
  Result.flatMap(
    parse(text, maxDepth),
    (json): Result.Result<T, string> =>
      isUsual(json)
        ? Result.succeed(json)
        : Result.mapError(decodeWith(schema, json), ({ at, reason }) => at === "" ? reason : `${at}: ${reason}`)
  )

const processShape = { pid: Shape.integer, startTime: Shape.text }

const ownerShape = Shape.objectOf({ ...processShape, lease: Shape.text }, {
  boot: Shape.text,
  machine: Shape.text,
  ancestors: Shape.listOf(Shape.integer)
})

const isBegun = Shape.objectOf({
  kind: Shape.oneOf(["effectCniAttachmentV1"]),
  id: Shape.text,
  network: Shape.text,
  containerId: Shape.text,
  ifName: Shape.text,
  state: Shape.oneOf(AttachmentState.literals),
  cniVersion: Shape.text,
  plugins: Shape.listOf(Shape.object),
  netns: Shape.text,
  cniArgs: Shape.listOf(Shape.pairOf(Shape.text)),
  capabilityArgs: Shape.object,
  owner: ownerShape,
  scoped: Shape.boolean,
  since: Shape.number
}, {
  searchPath: Shape.text,
  look: Shape.oneOf(InterfaceLook.literals),
  ownNamespace: Shape.boolean,
  namespace: Shape.objectOf({ device: Shape.text, inode: Shape.text, boot: Shape.text }, { createdAt: Shape.text }),
  result: Shape.object
})

const isEvent = Shape.oneShapeOf(
  Shape.objectOf({
    _tag: Shape.oneOf(["Started"]),
    ...processShape,
    command: Shape.oneOf(Command.literals),
    path: Shape.text
  }, {}),
  Shape.objectOf({ _tag: Shape.oneOf(["Succeeded"]), result: Shape.object }, {}),
  Shape.objectOf({
    _tag: Shape.oneOf(["Became"]),
    state: Shape.oneOf(AttachmentState.literals),
    at: Shape.number
  }, {
    issue: Shape.text,
    operation: Shape.objectOf({ owner: ownerShape, netns: Shape.text, searchPath: Shape.text }, {}),
    id: Shape.text
  })
)

/** How an entry and the record of the same file stand to each other. */
export type Standing =
  /** It is up, as both say. */
  | "attached"
  /** An operation on it was not completed. */
  | "unfinished"
  /** Somebody who keeps no journal has deleted or replaced it since: the record is right, or that there is none. */
  | "overtaken"

/** Compares an entry with what is recorded under its file name. */
export const standing = (entry: JournalEntry, record: CacheEntry | undefined): Standing => {
  // An ADD makes its record when all its plugins have succeeded.
  const isTooEarly = entry.state === "adding" && entry.done < entry.plugins.length
  const isOurs = record?._tag === "CacheRecord" && !isTooEarly && agrees(record, entry) &&
    entry.result !== undefined && stringify(record.result) === stringify(entry.result)
  if (entry.state === "attached") return isOurs ? "attached" : "overtaken"
  if (record?._tag !== "CacheRecord") return "unfinished"
  return isOurs ? "unfinished" : "overtaken"
}

/**
 * Whether a path names the namespace that an identity is of. When it came into being is compared only with `atSamePath`:
 * one namespace has several paths, each made at another time. A boot that could not be read is compared with none.
 */
export const isSameNamespace = (
  known: NamespaceId,
  found: NamespaceId,
  { atSamePath }: { atSamePath: boolean }
): boolean =>
  known.device === found.device && known.inode === found.inode && isSameBoot(known.boot, found.boot) &&
  (!atSamePath || known.createdAt === found.createdAt)

const isSameBoot = (left: string, right: string): boolean => left === "" || right === "" || left === right

/** The boot of the kernel, and the machine; absent where they could not be read. */
export interface Host {
  readonly boot: string | undefined
  readonly machine: string | undefined
}

/** Where an owner ran: in the boot that goes on now, in an earlier one of this machine, or on another machine. */
export type Origin = "this boot" | "earlier boot" | "other machine"

/**
 * Where an owner ran, as seen from a host. Two boots have never the same ID, on whatever machine. Machines without an ID
 * are taken for the same one.
 */
export const originOf = (owner: Owner, here: Host): Origin => {
  if (owner.boot === undefined || here.boot === undefined || owner.boot === here.boot) return "this boot"
  return owner.machine === here.machine ? "earlier boot" : "other machine"
}
