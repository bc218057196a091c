/** What `--json` has as `result`, for the commands that look at attachments, networks and plugins. */
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

/** Something that is wrong: `_tag` as in errors; line and column where it is about a place in `file`. */
export const Problem = Schema.Struct({
  _tag: Schema.String,
  severity: Schema.Literals(["error", "warning"]),
  message: Schema.String,
  help: texts,
  file: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int)
})
export type Problem = typeof Problem.Type

/** A plugin that a network uses: of its chain, or for addresses. No `path`: missing. No `versions`: could not be asked. */
export const PluginUse = Schema.Struct({
  type: Schema.String,
  role: Schema.Literals(["chain", "ipam"]),
  path: Schema.optionalKey(Schema.String),
  versions: Schema.optionalKey(texts)
})
export type PluginUse = typeof PluginUse.Type

/** A network that is configured, and what of it would not work. */
export const NetworkView = Schema.Struct({
  name: Schema.String,
  file: Schema.String,
  cniVersion: Schema.String,
  versionReason: Schema.String,
  dropIns: Schema.Int,
  disableCheck: Schema.Boolean,
  disableGC: Schema.Boolean,
  capabilities: texts,
  plugins: Schema.Array(PluginUse),
  problems: Schema.Array(Problem)
})
export type NetworkView = typeof NetworkView.Type

/** `effect-cni networks`: what loaded, and files that did not, or that are never used. */
export const NetworksView = Schema.Struct({
  directory: Schema.String,
  networks: Schema.Array(NetworkView),
  broken: Schema.Array(Problem),
  unused: Schema.Array(Problem)
})
export type NetworksView = typeof NetworksView.Type

/** `effect-cni validate`: `valid` is the exit status. */
export const ValidateView = Schema.Struct({
  valid: Schema.Boolean,
  networks: Schema.Array(NetworkView),
  problems: Schema.Array(Problem)
})
export type ValidateView = typeof ValidateView.Type

/** `effect-cni plugins`: `shadowedBy` is the one that is used instead; `issue` why there are no versions. */
export const PluginsView = Schema.Struct({
  searched: texts,
  plugins: Schema.Array(Schema.Struct({
    type: Schema.String,
    path: Schema.String,
    isExecutable: Schema.Boolean,
    shadowedBy: Schema.optionalKey(Schema.String),
    versions: Schema.optionalKey(texts),
    issue: Schema.optionalKey(Schema.String)
  }))
})
export type PluginsView = typeof PluginsView.Type
