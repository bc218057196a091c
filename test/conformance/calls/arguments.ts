/** The arguments of the calls, as the vectors write them. */
import { Schema } from "effect"
import type { CniError } from "effect-cni"

const timeoutMs = Schema.optionalKey(Schema.Finite)
const Pairs = Schema.Array(Schema.Tuple([Schema.String, Schema.String]))

/** The parameters of an attachment. */
export const Rt = Schema.Struct({
  containerId: Schema.String,
  netns: Schema.String,
  ifName: Schema.String,
  args: Pairs,
  capabilityArgs: Schema.JsonObject
})
export type Rt = typeof Rt.Type

/** Of the operations on a network and its attachments. */
export const OnList = Schema.Struct({ list: Schema.String, rt: Rt, timeoutMs })
/** Of the same on a single plugin. */
export const OnPlugin = Schema.Struct({ plugin: Schema.String, rt: Rt, timeoutMs })
/** Of the operations on a network as a whole. */
export const OfList = Schema.Struct({ list: Schema.String, timeoutMs })
/** Of the same on a single plugin. */
export const OfPlugin = Schema.Struct({ plugin: Schema.String, timeoutMs })
/** Of GC. */
export const Gc = Schema.Struct({
  list: Schema.String,
  validAttachments: Schema.NullOr(Schema.Array(Schema.Struct({ containerID: Schema.String, ifname: Schema.String })))
})
export const Attachments = Schema.Struct({ containerId: Schema.String })
export const VersionInfo = Schema.Struct({ type: Schema.String, timeoutMs })

/** Of what reads a text. */
export const Bytes = Schema.Struct({ bytes: Schema.String })
/** Of a look-up in a directory of configurations. */
export const Lookup = Schema.Struct({ name: Schema.String, dir: Schema.optionalKey(Schema.String) })
export const File = Schema.Struct({ file: Schema.String })
export const Files = Schema.Struct({ extensions: Schema.Array(Schema.String), dir: Schema.optionalKey(Schema.String) })
export const Inject = Schema.Struct({ plugin: Schema.String, values: Schema.JsonObject })

export const Version = Schema.Struct({ version: Schema.String })
export const Operands = Schema.Struct({ a: Schema.String, b: Schema.String })
export const Create = Schema.Struct({ version: Schema.String, bytes: Schema.String })
export const Convert = Schema.Struct({ version: Schema.String, bytes: Schema.String, to: Schema.String })
export const Value = Schema.Struct({ value: Schema.String })
export const Find = Schema.Struct({ plugin: Schema.String, paths: Schema.Array(Schema.String) })
export const Env = Schema.Struct({
  environ: Schema.Record(Schema.String, Schema.String),
  // Also the empty one.
  command: Schema.declare((value): value is CniError.Command => typeof value === "string"),
  containerId: Schema.String,
  netns: Schema.String,
  ifName: Schema.String,
  path: Schema.String,
  pluginArgs: Pairs,
  pluginArgsStr: Schema.String
})
export const Podman = Schema.Struct({
  plugin: Schema.String,
  exitText: Schema.String,
  stdout: Schema.String,
  stderr: Schema.String
})
