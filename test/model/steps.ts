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

const at = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 45 }))

/** What follows where a runtime has died: another one, which dies too while it deals with that, and a third. */
const Successors = Schema.Struct({
  second: Schema.Literals(["recover", "recover", "add", "attach", "del", "detach", "delAttachment", "gc"]),
  at,
  third: Schema.Literals(["recover", "recover", "add", "del", "detach"])
})

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
    at
  }),
  successors: Schema.NullOr(Successors)
})
export type Step = typeof Step.Type

/** The operations of those who come after a runtime that has died in this step. */
export const successorsOf = (step: Step): ReadonlyArray<Step> => {
  const { successors } = step
  if (successors === null) return []
  const undisturbed = { ...step, fault: null, successors: null }
  return [
    { ...undisturbed, operation: successors.second, end: { how: "killed", at: successors.at } },
    { ...undisturbed, operation: successors.third, end: { how: "whole", at: 0 } }
  ]
}

/** A sequence of operations on the networks and containers of one host. */
export const Sequence = Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(30))
