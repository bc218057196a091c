/** What can be wrong with how the `effect-cni` command is called, or with what it is asked to do. */
import * as Schema from "effect/Schema"

/** The arguments cannot be understood; `usage` is how they should look. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  problems: Schema.NonEmptyArray(Schema.String),
  usage: Schema.String,
  /** What `cnitool` says of the same mistake, where it knows it. */
  libcni: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return this.problems.join("; ")
  }
}

/** GC was not told what to keep. `stale` is what it would delete if that were nothing. */
export class NoKeepSet extends Schema.TaggedError<NoKeepSet>()("NoKeepSet", {
  network: Schema.String,
  stale: Schema.Array(Schema.Struct({ containerId: Schema.String, ifName: Schema.String }))
}) {
  override get message(): string {
    return `gc of network "${this.network}" was not told what to keep`
  }
}

/** A value from the environment cannot be used; `variable` says which. */
export class InvalidVariable extends Schema.TaggedError<InvalidVariable>()("InvalidVariable", {
  variable: Schema.String,
  value: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.variable} cannot be used: ${this.reason}`
  }
}

/** A signal ended the command; `left` says what that has left. */
export class Interrupted extends Schema.TaggedError<Interrupted>()("Interrupted", { left: Schema.String }) {
  override get message(): string {
    return `interrupted: ${this.left}`
  }
}

/** Any of them. */
export const CommandError = Schema.Union([UsageError, NoKeepSet, InvalidVariable, Interrupted])
export type CommandError = typeof CommandError.Type
