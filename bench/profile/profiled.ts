/** What a profiled process tells, as one line of JSON. */
import * as Schema from "effect/Schema"

/** One function, at one place in the tree of calls. */
export const CallNode = Schema.Struct({
  id: Schema.Int,
  callFrame: Schema.Struct({ functionName: Schema.String, url: Schema.String, lineNumber: Schema.Int }),
  children: Schema.Array(Schema.Int)
})
export type CallNode = typeof CallNode.Type

/** A step, in ms since the beginning of its chain. */
export const Step = Schema.Struct({
  name: Schema.String,
  depth: Schema.Int,
  startMs: Schema.Finite,
  endMs: Schema.Finite
})
export type Step = typeof Step.Type

export const Profiled = Schema.Struct({
  chains: Schema.Int,
  wallMs: Schema.Finite,
  nodes: Schema.Array(CallNode),
  samples: Schema.Array(Schema.Int),
  timeDeltas: Schema.Array(Schema.Int),
  steps: Schema.Array(Step)
})
export type Profiled = typeof Profiled.Type
