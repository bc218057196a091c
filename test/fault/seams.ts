/** Where a driver can be made to die: the steps of its operations at which a crash is worst. */
import * as Schema from "effect/Schema"
import type { Dice } from "./dice.ts"

/** What an operation is about when it dies: an ADD, the undo of one, a DEL or a GC. */
export type Phase = "add" | "rollback" | "del" | "gc"

const notes = (phase: Phase, ...events: ReadonlyArray<string>) =>
  events.flatMap((event) => [`${phase}: before note ${event}`, `${phase}: after note ${event}`])

const around = (phase: Phase, ...steps: ReadonlyArray<string>) =>
  steps.flatMap((step) => [`${phase}: before ${step}`, `${phase}: after ${step}`])

/**
 * Every step: around what is written and around each run of a plugin, `inside` these, and with half a line of the journal
 * on the disk (`torn`), as when a line crosses the border of a page.
 */
export const seams: ReadonlyArray<string> = [
  ...around("add", "journal begin", "ADD", "cache put"),
  ...notes("add", "Started", "Succeeded", "attached"),
  "add: inside ADD",
  "add: inside journal begin",
  "add: inside cache put",
  "add: torn note Started",
  "add: torn note Succeeded",
  "add: torn note attached",
  ...around("rollback", "DEL", "journal remove"),
  ...notes("rollback", "Started", "failed"),
  "rollback: inside DEL",
  "rollback: torn note Started",
  "rollback: torn note failed",
  ...around("del", "journal begin", "DEL", "cache remove", "journal remove"),
  ...notes("del", "deleting", "Started", "failed"),
  "del: inside DEL",
  "del: inside journal remove",
  "del: torn note deleting",
  "del: torn note Started",
  "del: torn note failed",
  ...around("gc", "journal begin", "keep", "DEL", "cache remove", "journal remove", "GC"),
  ...notes("gc", "deleting", "Started"),
  "gc: inside DEL",
  "gc: inside GC"
]

/**
 * Where to die: the `nth` time that a step is reached; `afterMs` for those inside of a plugin; inside of what is
 * written as many µs.
 */
export const Aim = Schema.Struct({ seam: Schema.String, nth: Schema.Int, afterMs: Schema.Finite })
export type Aim = typeof Aim.Type

/** The step of that number, of those that there are. */
export const aimOf = (dice: Dice, possible: ReadonlyArray<string>, number: number): Aim => {
  const seam = possible[number % possible.length] ?? ""
  return { seam, nth: /failed|GC|keep|begin/.test(seam) ? 1 : 1 + dice.below(3), afterMs: dice.between(5, 300) }
}

/** How often things happen that make a step likely to be reached; probabilities. */
export const Weights = Schema.Struct({
  /** A plugin fails its ADD. */
  failing: Schema.Finite,
  /** A plugin refuses its first DEL. */
  refusing: Schema.Finite,
  /** An attachment that is to go is left to GC. */
  dropping: Schema.Finite,
  /** The pause between two GCs, at most, in ms. */
  gcPauseMs: Schema.Finite,
  /** How long a plugin takes for a GC, in seconds, if not as long as for anything else. */
  gcSeconds: Schema.NullOr(Schema.Finite)
})
export type Weights = typeof Weights.Type

/** What makes an aim likely to be hit soon. */
export const weightsFor = (aim: Aim | null): Weights => {
  const usual: Weights = { failing: 0.08, refusing: 0.06, dropping: 0.3, gcPauseMs: 1500, gcSeconds: null }
  if (aim === null) return usual
  const refusing = aim.seam.includes("note failed") ? 0.6 : usual.refusing
  if (aim.seam.startsWith("rollback")) return { ...usual, failing: 0.4, refusing }
  // One that goes on for so long does so beside the recovery.
  const gcSeconds = aim.seam === "gc: inside GC" ? 1.5 : null
  if (aim.seam.startsWith("gc")) return { ...usual, refusing, dropping: 0.8, gcPauseMs: 200, gcSeconds }
  return { ...usual, refusing }
}
