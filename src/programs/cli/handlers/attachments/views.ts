/** What `--json` has as `result`, for the commands that look at attachments. */
import * as Schema from "effect/Schema"

const texts = Schema.Array(Schema.String)

/**
 * An attachment. `vanished`: our journal has it, but another runtime has deleted it. `owner` is the process of ours that
 * began it: a `scoped` attachment ends with that process. Times are ISO 8601; without a journal entry, `since` is when the
 * record was written.
 */
export const AttachmentView = Schema.Struct({
  network: Schema.String,
  containerId: Schema.String,
  ifName: Schema.String,
  state: Schema.Literals(["attached", "adding", "deleting", "failed", "vanished"]),
  since: Schema.optionalKey(Schema.String),
  netns: Schema.optionalKey(Schema.String),
  namespace: Schema.Literals(["there", "gone", "replaced", "none"]),
  addresses: texts,
  runtime: Schema.Literals(["effect-cni", "other"]),
  owner: Schema.optionalKey(Schema.Struct({ pid: Schema.Int, alive: Schema.Boolean, scoped: Schema.Boolean })),
  issue: Schema.optionalKey(Schema.String),
  record: Schema.optionalKey(Schema.String),
  journal: Schema.optionalKey(Schema.String)
})
export type AttachmentView = typeof AttachmentView.Type

/** `effect-cni attachments`; `collecting` are networks whose GC has begun, `unreadable` files that are no attachments. */
export const AttachmentsView = Schema.Struct({
  attachments: Schema.Array(AttachmentView),
  collecting: Schema.Array(Schema.Struct({ network: Schema.String, since: Schema.String })),
  unreadable: Schema.Array(Schema.Struct({ file: Schema.String, issue: Schema.String }))
})
export type AttachmentsView = typeof AttachmentsView.Type

const json = Schema.Unknown.annotate({ description: "JSON as it is stored" })

/** `effect-cni inspect`: each attachment of one container with all that is stored about it. */
export const InspectView = Schema.Struct({
  containerId: Schema.String,
  attachments: Schema.Array(Schema.Struct({
    ...AttachmentView.fields,
    interfaces: json,
    routes: json,
    dns: json,
    args: json,
    capabilityArgs: json,
    result: json,
    /** The configuration that it was made with: JSON, or the text where it is none. */
    config: json,
    entry: Schema.optionalKey(json)
  })),
  unreadable: AttachmentsView.fields.unreadable
})
