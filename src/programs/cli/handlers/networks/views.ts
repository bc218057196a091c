/** What `--json` has as `result`, for the commands that look at networks and plugins. */
import * as Schema from "effect/Schema"

const texts = Schema.Array(Schema.String)

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
