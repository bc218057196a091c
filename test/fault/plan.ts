/** What the parent of a test tells its driver: where to work, with what, and where to die. */
import type { AttachmentKey } from "effect-cni"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { Aim, Weights } from "./seams.ts"

/** An attachment's name in a file. */
export const Key = Schema.Struct({ network: Schema.String, containerId: Schema.String, ifName: Schema.String })

/**
 * - `round`: no other driver in the same directories has it.
 * - `networks`: with the configuration of their plugins, and of one whose last plugin fails; none for ledger plugins.
 * - `live`: what is attached when the driver starts.
 * - `interrupting`: how many operations are interrupted or run out of time.
 * - `aim`: where it ends itself; without one somebody else does.
 */
const Plan = Schema.Struct({
  seed: Schema.Int,
  round: Schema.String,
  chronicle: Schema.String,
  directory: Schema.String,
  cacheDir: Schema.String,
  pluginPaths: Schema.Array(Schema.String),
  networks: Schema.Array(Schema.Struct({
    name: Schema.String,
    real: Schema.NullOr(Schema.Struct({ config: Schema.String, failing: Schema.String }))
  })),
  containers: Schema.Array(Schema.Struct({
    containerId: Schema.String,
    netns: Schema.String,
    ifNames: Schema.Array(Schema.String),
    capabilityArgs: Schema.JsonObject
  })),
  live: Schema.Array(Key),
  weights: Weights,
  interrupting: Schema.Finite,
  aim: Schema.NullOr(Aim)
})
export type Plan = typeof Plan.Type

/** A container of a plan. */
export type PlannedContainer = Plan["containers"][number]

/** The plan in a file. */
export const readPlan = (file: string): Plan =>
  Schema.decodeSync(Schema.fromJsonString(Plan))(Fs.readFileSync(file, "utf8"))

/** Writes a plan to a file. */
export const writePlan = (file: string, plan: Plan): void => Fs.writeFileSync(file, JSON.stringify(plan))

/** Whether two keys are one. */
export const isKey = (one: AttachmentKey.AttachmentKey) => (other: AttachmentKey.AttachmentKey): boolean =>
  one.network === other.network && one.containerId === other.containerId && one.ifName === other.ifName
