/**
 * What the journal keeps about an attachment beside its record: how far it has come, what it was made with, and which
 * runtime works on it. An entry is a file of lines: how it began, then each event. A last line without its line feed was
 * cut off by a crash, and never happened.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { defaultLimits, isJsonObject, type JsonLimits, type JsonObject, parse, stringify } from "../json/Json.ts"
import { asText, decode as decodeWith, JsonMembers, lineOf, orUndefined } from "../json/JsonCodec.ts"
import { agrees, type AttachmentKey } from "./AttachmentKey.ts"
import type { CacheEntry } from "./CacheEntry.ts"
import {
  AttachmentState,
  InterfaceLook,
  JournalEvent,
  NamespaceId,
  Operation,
  Owner,
  StartedPlugin
} from "./JournalEvent.ts"

export * from "./JournalEvent.ts"

const begun = {
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
  owner: Owner,
  scoped: Schema.Boolean,
  since: Schema.Finite
}

/**
 * An attachment as the journal has it.
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
 *
 * As a Schema it encodes to one string: JSON with these members.
 */
export const JournalEntry = asText(Schema.Struct({
  ...begun,
  namespace: orUndefined(NamespaceId),
  operation: Operation,
  look: orUndefined(InterfaceLook),
  ownNamespace: Schema.Boolean,
  result: orUndefined(JsonMembers),
  done: Schema.Int,
  running: orUndefined(StartedPlugin),
  changed: Schema.Finite,
  issue: orUndefined(Schema.String)
}))
export type JournalEntry = typeof JournalEntry.Type

/**
 * The key of a network itself, under which a GC of it is written down while its plugins collect. No attachment has it,
 * nor its file name.
 */
export const networkKey = (network: string): AttachmentKey => ({ network, containerId: "", ifName: "" })

/** Whether an entry is about a network, and no attachment to it. */
export const isOfNetwork = ({ containerId }: AttachmentKey): boolean => containerId === ""

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

const kind = "effectCniAttachmentV1"

const FirstLine = Schema.Struct({
  ...begun,
  kind: Schema.Literal(kind),
  namespace: Schema.optionalKey(NamespaceId),
  searchPath: Schema.optionalKey(Schema.String),
  look: Schema.optionalKey(InterfaceLook),
  ownNamespace: Schema.optionalKey(Schema.Boolean),
  result: Schema.optionalKey(JsonMembers)
})

/** The text of an entry that begins. */
export const encode = (entry: JournalEntry): string => {
  const { changed, done, issue, look, namespace, operation, ownNamespace, result, running, ...begun } = entry
  return line({
    kind,
    ...begun,
    searchPath: operation.searchPath,
    ...(look !== undefined && { look }),
    ...(ownNamespace && { ownNamespace }),
    ...(namespace !== undefined && { namespace }),
    ...(result !== undefined && { result })
  })
}

/** The text that is added for an event. */
export const encodeEvent = (event: JournalEvent): string => line({ ...event })

const line = (json: JsonObject): string => `${stringify(json)}\n`

/** Reads an entry; the failure says why it is none, in words. */
export const decode = (text: string, limits: JsonLimits = defaultLimits): Result.Result<JournalEntry, string> => {
  // What follows the last line feed was cut off.
  const [first, ...events] = text.split("\n").slice(0, -1)
  if (first === undefined) return Result.fail(text === "" ? "it is empty" : "its first line is cut off")
  return events.reduce(
    (entry, event) =>
      Result.flatMap(
        entry,
        (before) => Result.map(decodeLine(JournalEvent, event, limits), (happened) => apply(before, happened))
      ),
    Result.map(decodeLine(FirstLine, first, limits), begin)
  )
}

/** The network that the first line of an entry names, which can still be read where a later line is damaged; else "". */
export const networkIn = (text: string, { maxDepth }: JsonLimits = defaultLimits): string => {
  const [first = ""] = text.split("\n", 1)
  const json = Result.getOrElse(parse(first, maxDepth), () => null)
  const network = isJsonObject(json) ? json["network"] : undefined
  return typeof network === "string" ? network : ""
}

const begin = (
  { kind: _, look, namespace, ownNamespace = false, result, searchPath = "", ...begun }: typeof FirstLine.Type
): JournalEntry => ({
  ...begun,
  look,
  namespace,
  result,
  operation: { owner: begun.owner, netns: begun.netns, searchPath },
  ownNamespace,
  done: 0,
  running: undefined,
  changed: begun.since,
  issue: undefined
})

const decodeLine = <T, E>(
  schema: Schema.Codec<T, E>,
  text: string,
  { maxDepth }: JsonLimits
): Result.Result<T, string> =>
  Result.flatMap(parse(text, maxDepth), (json) => Result.mapError(decodeWith(schema, json), lineOf))

/** How an entry and the record of the same file stand to each other. */
export type Standing =
  /** It is up, as both say. */
  | "attached"
  /** An operation on it was not completed. */
  | "unfinished"
  /** A runtime without a journal has deleted or replaced it since: the record, or its absence, is right. */
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
