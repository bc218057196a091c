/** What can be wrong with how the `effect-cni` command is called, or with what it is asked to do. */
import * as Schema from "effect/Schema"
import { excerptOf } from "./GoWording.ts"

/** The arguments cannot be understood; `usage` is how they should look. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  problems: Schema.NonEmptyArray(Schema.String),
  usage: Schema.String,
  help: Schema.optionalKey(Schema.Array(Schema.String)),
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

/** The system would not make, list or remove a network namespace, or not prepare it. */
export class NamespaceFailed extends Schema.TaggedError<NamespaceFailed>()("NamespaceFailed", {
  operation: Schema.Literals(["make", "prepare", "list", "remove"]),
  /** Its name; empty where there is none yet. */
  namespace: Schema.String,
  reason: Schema.Literals(["NoIp", "NotPermitted", "Other"]),
  detail: Schema.String
}) {
  override get message(): string {
    const what = this.namespace === "" ? "network namespaces" : `the network namespace ${this.namespace}`
    return `could not ${this.operation} ${what}: ${this.detail}`
  }
}

/** There is no program of that name to run, or it may not be run. */
export class ProgramUnusable extends Schema.TaggedError<ProgramUnusable>()("ProgramUnusable", {
  program: Schema.String,
  reason: Schema.Literals(["NotFound", "NotExecutable", "Refused"]),
  detail: Schema.String
}) {
  override get message(): string {
    return `cannot run "${this.program}": ${this.detail}`
  }
}

/** What cannot be taken back was not agreed to. */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>()("NotConfirmed", {
  what: Schema.String,
  /** What agrees without being asked. */
  flag: Schema.String
}) {
  override get message(): string {
    return `${this.what} was not agreed to: nothing was changed. ${this.flag} agrees without being asked`
  }
}

/** Nothing is known of a container of that ID; `known` are the IDs that there are, or that begin like it. */
export class ContainerUnknown extends Schema.TaggedError<ContainerUnknown>()("ContainerUnknown", {
  containerId: Schema.String,
  isAmbiguous: Schema.Boolean,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.isAmbiguous
      ? `several containers have an ID that begins with "${excerptOf(this.containerId)}"`
      : `no container "${excerptOf(this.containerId)}" is attached, nor left half-way`
  }
}

/** Any of them. */
export const CommandError = Schema.Union([
  UsageError,
  NoKeepSet,
  InvalidVariable,
  Interrupted,
  NamespaceFailed,
  ProgramUnusable,
  NotConfirmed,
  ContainerUnknown
])
export type CommandError = typeof CommandError.Type
