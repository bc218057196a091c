/** What a sequence of the model test is made of. */
import * as Schema from "effect/Schema"

const Plugin = Schema.Literals(["a", "b", "c"])

/** What one plugin does wrong during one step: before or after it did its work, or for ever in the middle of it. */
export const PluginFault = Schema.Struct({
  plugin: Plugin,
  command: Schema.Literals(["ADD", "DEL"]),
  how: Schema.Literals(["refuses before", "refuses after", "hangs"])
})
export type PluginFault = typeof PluginFault.Type

/** One operation on one attachment, and how it is disturbed. */
export const Step = Schema.Struct({
  operation: Schema.Literals([
    "add",
    "add",
    "attach",
    "attach",
    "close",
    "del",
    "detach",
    "delAttachment",
    "check",
    "gc",
    "recover",
    "abandon"
  ]),
  network: Schema.Literals(["n1", "n2"]),
  containerId: Schema.Literals(["c1", "c2"]),
  ifName: Schema.Literals(["eth0", "eth0", "eth0", "eth1"]),
  fault: Schema.NullOr(PluginFault),
  end: Schema.Struct({
    how: Schema.Literals(["whole", "whole", "interrupted", "killed"]),
    at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 45 }))
  })
})
export type Step = typeof Step.Type

/** A sequence of operations on the networks and containers of one host. */
export const Sequence = Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(30))
