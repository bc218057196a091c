/** What can happen to an attachment, as a line of the journal says it. */
import * as Schema from "effect/Schema"
import { Command } from "../errors/CniError.ts"
import { JsonMembers } from "../json/JsonSchema.ts"
import { Owner, ProcessId } from "./Identity.ts"

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
