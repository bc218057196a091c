/** The errors of the library, one tag per thing that a caller would do differently. Each of them encodes to JSON. */
import * as Schema from "effect/Schema"
import { excerptOf, goQuote, PluginExit, shellWord } from "./GoWording.ts"

export { PluginExit }

/** The operations of the specification, as a plugin sees them in CNI_COMMAND. */
export const Command = Schema.Literals(["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"])
export type Command = typeof Command.Type

/** Which attachment an error is about. */
const attachment = { network: Schema.String, containerId: Schema.String, ifName: Schema.String }

/** Which run of which plugin an error is about. `path` is the executable's; `pluginName` what its configuration says. */
const invocation = {
  plugin: Schema.String,
  pluginName: Schema.optionalKey(Schema.String),
  path: Schema.String,
  command: Command,
  ...attachment
}

interface Invocation {
  readonly plugin: string
  readonly command: Command
  readonly network: string
  readonly containerId: string
}

const describe = ({ command, containerId, network, plugin }: Invocation): string => {
  const where = network === "" ? "" : ` on network "${network}"`
  const container = containerId === "" ? "" : ` for container "${containerId}"`
  return `plugin "${plugin}" (${command}${where}${container})`
}

const wrote = (where: "stdout" | "stderr", text: string): string =>
  text.trim() === "" ? "" : `. It wrote to ${where}: ${JSON.stringify(text.trim().slice(-maxQuoted))}`

const maxQuoted = 512

/** A plugin ran and said no: its error object (spec, section 5 "Error"), and how it ended. `durationMs` is wall time. */
export class PluginError extends Schema.TaggedError<PluginError>()("PluginError", {
  ...invocation,
  code: Schema.Finite,
  msg: Schema.String,
  details: Schema.optionalKey(Schema.String),
  /** The beginning of what the plugin wrote to stdout, where that is JSON without a `msg`. */
  excerpt: Schema.optionalKey(Schema.String),
  exit: PluginExit,
  /** The end of what the plugin wrote to stderr. */
  stderr: Schema.String,
  durationMs: Schema.Finite
}) {
  override get message(): string {
    const { details, excerpt, msg, stderr } = this
    const nothing = excerpt === undefined ? "no message" : `no "msg", but ${JSON.stringify(excerpt.trim())}`
    const more = details === undefined ? "" : `; ${details}`
    const isSaid = msg.includes(stderr.trim()) || msg.includes(goQuote(stderr))
    return `${describe(this)} failed with code ${this.code}: ${msg || nothing}${more}` +
      (isSaid ? "" : wrote("stderr", stderr))
  }
}

/** A plugin was stopped because it ran longer than `limitMs`; `endedBy` is the signal that it took. */
export class PluginTimeout extends Schema.TaggedError<PluginTimeout>()("PluginTimeout", {
  ...invocation,
  limitMs: Schema.Finite,
  endedBy: Schema.Literals(["SIGTERM", "SIGKILL"]),
  stderr: Schema.String
}) {
  override get message(): string {
    return `${describe(this)} was stopped by ${this.endedBy}: it ran longer than ${this.limitMs} ms`
  }
}

/** The operating system would not start a plugin; `errno` is what it said, such as `ENOEXEC`, where that is known. */
export class PluginSpawnFailed extends Schema.TaggedError<PluginSpawnFailed>()("PluginSpawnFailed", {
  ...invocation,
  reason: Schema.Literals(["Busy", "NotFound", "PermissionDenied", "BadFormat", "TooBig", "NoResources", "Other"]),
  errno: Schema.optionalKey(Schema.String),
  detail: Schema.String
}) {
  override get message(): string {
    return `${describe(this)} could not be started from ${this.path}: ${spawnAdvice[this.reason]} (${this.detail})`
  }
}

const spawnAdvice: Readonly<Record<PluginSpawnFailed["reason"], string>> = {
  Busy: "the file is being written; wait for the installation to finish",
  NotFound: "the file or its interpreter is gone; install the plugin again",
  PermissionDenied: "not permitted; check the file's mode, its mount's noexec option, and who is calling",
  BadFormat: "the file is no program that this machine can run; install the plugin again",
  TooBig: "arguments and environment are too large; pass fewer or shorter CNI_ARGS",
  NoResources: "out of processes, memory or file descriptors; raise the limit or run less at once",
  Other: "the system refused"
}

/** A plugin reported success, but its output is no usable result, or there was more of it than allowed. */
export class PluginOutputInvalid extends Schema.TaggedError<PluginOutputInvalid>()("PluginOutputInvalid", {
  ...invocation,
  reason: Schema.String,
  /** Where in the output, such as `ips[0].address`; empty for the whole. */
  at: Schema.String,
  /** The beginning of what the plugin wrote to stdout. */
  excerpt: Schema.String,
  /** The end of what the plugin wrote to stderr. */
  stderr: Schema.String
}) {
  override get message(): string {
    const place = this.at === "" ? "" : ` at ${this.at}`
    // What a plugin says on stderr beside a result is passed on as it is.
    const aside = this.at === "" ? wrote("stderr", this.stderr) : ""
    return `${describe(this)} gave no usable result${place}: ${this.reason}${wrote("stdout", this.excerpt)}${aside}`
  }
}

/** No directory of the search path has a plugin of that type; `passedOver` says what has its name and is no file. */
export class PluginNotFound extends Schema.TaggedError<PluginNotFound>()("PluginNotFound", {
  plugin: Schema.String,
  pluginName: Schema.optionalKey(Schema.String),
  searched: Schema.Array(Schema.String),
  passedOver: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message(): string {
    const where = this.searched.length === 0 ? "the search path is empty" : `searched ${this.searched.join(", ")}`
    const passedOver = (this.passedOver ?? []).map((what) => `; ${what}`).join("")
    return `no plugin "${this.plugin}": ${where}${passedOver}. Install it, or add its directory to CNI_PATH`
  }
}

/** A file of the plugin's name exists, but none that may be executed. */
export class PluginNotExecutable extends Schema.TaggedError<PluginNotExecutable>()("PluginNotExecutable", {
  plugin: Schema.String,
  pluginName: Schema.optionalKey(Schema.String),
  path: Schema.String
}) {
  override get message(): string {
    return `plugin "${this.plugin}" is not executable: run chmod +x ${shellWord(this.path)}`
  }
}

/** A plugin type that could never be the name of an executable. */
export class InvalidPluginType extends Schema.TaggedError<InvalidPluginType>()("InvalidPluginType", {
  plugin: Schema.String,
  pluginName: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${JSON.stringify(this.plugin)} is no plugin type: it must be a file name, without a path separator`
  }
}

/** CHECK on a configuration older than 0.4.0, which had no such command. */
export class CheckNotSupported extends Schema.TaggedError<CheckNotSupported>()("CheckNotSupported", {
  network: Schema.String,
  cniVersion: Schema.String
}) {
  override get message(): string {
    return `network "${this.network}" has cniVersion "${this.cniVersion}", which has no CHECK; use 0.4.0 or newer`
  }
}

/** A cache file of another kind where a record of ours is needed; `kind` is empty for a legacy file. */
export class CacheKindMismatch extends Schema.TaggedError<CacheKindMismatch>()("CacheKindMismatch", {
  network: Schema.String,
  path: Schema.String,
  kind: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not a cniCacheV1 record (kind "${this.kind}"): it holds no configuration to read`
  }
}

/**
 * A file of the cache or the journal that cannot be decoded, or whose result cannot be used by this configuration.
 * `decoding` says at which of libcni's steps it fails: while it reads the stored configuration, or the version of the
 * stored result.
 */
export class CacheEntryInvalid extends Schema.TaggedError<CacheEntryInvalid>()("CacheEntryInvalid", {
  network: Schema.String,
  path: Schema.String,
  issue: Schema.String,
  decoding: Schema.optionalKey(Schema.Literals(["config", "version"]))
}) {
  override get message(): string {
    return `what is stored in ${this.path} cannot be used: ${this.issue}. Detach with DEL, which does not need it`
  }
}

/** The cache file that an attachment would have belongs to another one: `a-b` + `c` and `a` + `b-c` share a name. */
export class CacheKeyCollision extends Schema.TaggedError<CacheKeyCollision>()("CacheKeyCollision", {
  ...attachment,
  path: Schema.String,
  owner: Schema.Struct(attachment)
}) {
  override get message(): string {
    const { containerId, ifName, network } = this.owner
    // A record need not name all three.
    const parts = [["container", containerId], ["interface", ifName]].filter(([, name]) => name !== "")
    const whose = parts.map(([what, name]) => `${what} "${name}"`).join(", ") || "another attachment"
    return `${this.path} belongs to ${whose}${network === "" ? "" : ` on network "${network}"`}: ` +
      `choose another container ID or network name`
  }
}

/**
 * The file system refused to read, write, remove, list or lock files of the cache: `reason` is the errno. Or we did:
 * `InvalidName` where a name is none for a file, `NotRegular` where something else has the place of a file, and
 * `NotPrivate` where another user can write to the journal (see `Tunables.CacheOwnership`).
 */
export class CacheIoError extends Schema.TaggedError<CacheIoError>()("CacheIoError", {
  operation: Schema.Literals(["read", "write", "remove", "list", "lock"]),
  path: Schema.String,
  reason: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    const what = `could not ${this.operation} ${this.path}`
    if (this.reason === "NotPrivate") return `${what}: ${this.detail} (CacheOwnership "trust" leaves out this check)`
    return `${what}: ${this.reason} (${this.detail}). ${ioAdvice.get(this.reason) ?? defaultIoAdvice}`
  }
}

const ioAdvice: ReadonlyMap<string, string> = new Map([
  [
    "ENAMETOOLONG",
    "Network name, container ID and interface name are the name of a file, which can have 255 bytes: shorten one"
  ],
  ["EISDIR", "Move it away: there must be a file, or nothing"],
  ["NotRegular", "Move it away: there must be a regular file, or nothing"]
])

const defaultIoAdvice = "Check the cache directory's owner, mode and free space"

/** A parameter of an attachment that no plugin may see; `code` is CNI's (3 missing, 4 bad environment, 7 bad network). */
export class InvalidRuntimeConf extends Schema.TaggedError<InvalidRuntimeConf>()("InvalidRuntimeConf", {
  field: Schema.Literals(["network", "containerId", "ifName", "netns", "args", "capabilityArgs"]),
  value: Schema.String,
  code: Schema.Literals([3, 4, 7]),
  msg: Schema.String,
  details: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.field} ${JSON.stringify(excerptOf(this.value))} cannot be used: ${this.msg.replace(/:$/, "")}`
  }
}

/** A version that cannot be parsed. */
export class InvalidVersion extends Schema.TaggedError<InvalidVersion>()("InvalidVersion", {
  version: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `"${this.version}" is no CNI version: ${this.reason}. Write it like 1.0.0`
  }
}

/** A plugin does not speak the version of a configuration; `supported` are those that it does. */
export class VersionNotSupported extends Schema.TaggedError<VersionNotSupported>()("VersionNotSupported", {
  plugin: Schema.String,
  version: Schema.String,
  supported: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `plugin "${this.plugin}" does not support cniVersion "${this.version}", only ${
      this.supported.join(", ")
    }. ` +
      "Install a newer one, or let the network have one of these as its cniVersion"
  }
}

/** There is no way to express a result in another version. */
export class ResultConversionError extends Schema.TaggedError<ResultConversionError>()("ResultConversionError", {
  from: Schema.String,
  to: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `a result of version "${this.from}" cannot be converted to version "${this.to}": ${this.reason}`
  }
}

/** A network configuration that cannot be used; `at` is the place within it, such as `plugins[1].type`. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  /** What it was read as. */
  kind: Schema.Literals(["list", "plugin", "file"]),
  file: Schema.optionalKey(Schema.String),
  at: Schema.String,
  reason: Schema.String,
  /** What the system said, such as `EACCES`, where the file could not be read. */
  errno: Schema.optionalKey(Schema.String),
  /** What to do about it, where that is known. */
  hint: Schema.optionalKey(Schema.String),
  /** Where in the text, with that line: where it stops being JSON, or what `at` names. */
  position: Schema.optionalKey(Schema.Struct({ line: Schema.Int, column: Schema.Int, text: Schema.String }))
}) {
  override get message(): string {
    const { at, file = "the network configuration", position } = this
    const place = position === undefined ? "" : `line ${position.line}, column ${position.column}`
    const where = at === "" || place === "" ? ` at ${at}${place}` : ` at ${at} (${place})`
    return `${file} is not valid${where === " at " ? "" : where}: ${this.explanation}`
  }

  /** What is wrong and what to do about it, without the place. */
  get explanation(): string {
    const reason = this.reason.replace(/:$/, "")
    return this.hint === undefined ? reason : `${reason}: ${this.hint}`
  }
}

/** There are configurations, but none for a network of that name; `known` are the names that there are. */
export class NetworkNotFound extends Schema.TaggedError<NetworkNotFound>()("NetworkNotFound", {
  network: Schema.String,
  directory: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const shown = this.known.slice(0, maxKnown).map((name) => `"${name}"`).join(", ")
    const more = this.known.length > maxKnown ? ` and ${this.known.length - maxKnown} more` : ""
    return `no network "${excerptOf(this.network)}" in ${this.directory}${
      shown === "" ? "" : `; there are ${shown}${more}`
    }`
  }
}

const maxKnown = 10

/** There are no configurations at all. */
export class NoNetworkConfigs extends Schema.TaggedError<NoNetworkConfigs>()("NoNetworkConfigs", {
  directory: Schema.String
}) {
  override get message(): string {
    return `no network is configured: put a .conflist file into ${this.directory}`
  }
}

/** CHECK of, or a look-up for, what is not attached. */
export class NotAttached extends Schema.TaggedError<NotAttached>()("NotAttached", attachment) {
  override get message(): string {
    const container = excerptOf(this.containerId)
    return `container "${container}" has no interface "${this.ifName}" on network "${this.network}": ADD it first`
  }
}

/** Another operation held a lock for longer than `LockWaitLimit`; `container` is empty where it is the network's. */
export class LockTimeout extends Schema.TaggedError<LockTimeout>()("LockTimeout", {
  network: Schema.String,
  containerId: Schema.String,
  waitedMs: Schema.Finite,
  /** The processes that hold it, where that can be told. */
  holders: Schema.Array(Schema.Struct({ pid: Schema.Int, command: Schema.String }))
}) {
  override get message(): string {
    const what = this.containerId === "" ? `network "${this.network}"` : `container "${this.containerId}"`
    const who = this.holders.map(({ command, pid }) => `${pid} (${command})`).join(", ")
    return `waited ${this.waitedMs} ms for ${what}, which ${
      who === "" ? "another operation" : `process ${who}`
    } holds. ` +
      "Try again, or wait longer (LockWaitLimit)"
  }
}

/** Plugins cannot be run by posix_spawn here: koffi is missing or does not load, or this is no Linux. */
export class PosixSpawnUnavailable
  extends Schema.TaggedError<PosixSpawnUnavailable>()("PosixSpawnUnavailable", { reason: Schema.String })
{
  override get message(): string {
    return `plugins cannot be run by posix_spawn: ${this.reason}. Install koffi (an optional dependency of effect-cni), or use NodePluginExec`
  }
}

/** What a DEL can leave behind, plugin by plugin. */
export const DetachFailure = Schema.Union([
  PluginError,
  PluginTimeout,
  PluginSpawnFailed,
  PluginOutputInvalid,
  PluginNotFound,
  PluginNotExecutable,
  InvalidPluginType,
  CacheIoError,
  CacheEntryInvalid
])
export type DetachFailure = typeof DetachFailure.Type

/**
 * The container has that interface already, on this network or another (`existing`). Where its `state` is not
 * `attached`, it should have been gone: `failures` say why it could not be deleted now.
 */
export class AttachmentExists extends Schema.TaggedError<AttachmentExists>()("AttachmentExists", {
  ...attachment,
  existing: Schema.String,
  state: Schema.Literals(["attached", "failed"]),
  failures: Schema.Array(DetachFailure)
}) {
  override get message(): string {
    const { containerId, existing, failures, ifName, state } = this
    const what = `container "${containerId}" has an interface "${ifName}" on network "${existing}" already`
    if (state === "attached") return `${what}: detach it first, or choose another interface name`
    return `${what}, which is to be deleted and could not be: ${messages(failures)}. ` +
      "Run DEL when that is mended, or abandon it"
  }
}

/**
 * An ADD of an interface that is in the namespace already, and is no attachment that is stored: another runtime's, another
 * cache directory's, or made by hand. `mac` is its MAC address, empty where it has none.
 */
export class InterfaceExists extends Schema.TaggedError<InterfaceExists>()("InterfaceExists", {
  ...attachment,
  netns: Schema.String,
  mac: Schema.String
}) {
  override get message(): string {
    const mac = this.mac === "" ? "" : ` (MAC address ${this.mac})`
    return `${this.netns} has an interface "${this.ifName}"${mac} already, which this cache directory knows nothing of: ` +
      `remove it, choose another interface name for container "${this.containerId}", or allow it (ExistingInterface)`
  }
}

/** An ADD to the network namespace that this process itself runs in: it would change the network of the host. */
export class OwnNamespace extends Schema.TaggedError<OwnNamespace>()("OwnNamespace", {
  ...attachment,
  netns: Schema.String
}) {
  override get message(): string {
    return `${this.netns} is the network namespace that this process runs in: give the namespace of container ` +
      `"${this.containerId}", or allow it (OwnNamespace)`
  }
}

/**
 * A DEL of an interface that another network (`existing`) has attached in that namespace, while nothing is stored of it on
 * the network asked.
 */
export class AttachedElsewhere extends Schema.TaggedError<AttachedElsewhere>()("AttachedElsewhere", {
  ...attachment,
  netns: Schema.String,
  existing: Schema.String
}) {
  override get message(): string {
    return `interface "${this.ifName}" of container "${this.containerId}" in ${this.netns} is attached to network ` +
      `"${this.existing}", not to "${this.network}": detach it from "${this.existing}", or name another interface`
  }
}

/** Why an ADD failed after its first plugin was started. */
export const AttachFailure = Schema.Union([
  PluginError,
  PluginTimeout,
  PluginSpawnFailed,
  PluginOutputInvalid,
  CacheIoError
])
export type AttachFailure = typeof AttachFailure.Type

/**
 * An ADD failed, or was interrupted, and undoing it failed too: something is left. `cause` is the ADD's own failure
 * (absent after an interruption), `failures` what the undo met. Run DEL again when the plugins work.
 */
export class RollbackFailed extends Schema.TaggedError<RollbackFailed>()("RollbackFailed", {
  ...attachment,
  cause: Schema.optionalKey(AttachFailure),
  failures: Schema.NonEmptyArray(DetachFailure)
}) {
  override get message(): string {
    const first = this.cause === undefined ? "it was interrupted" : this.cause.message
    return `attaching container "${this.containerId}" to network "${this.network}" failed (${first}), and so did ` +
      `its rollback: ${messages(this.failures)}. Run DEL again`
  }
}

/** A detach asked every plugin, and some failed: `failures` says which. The record is kept, so DEL can be run again. */
export class DetachIncomplete extends Schema.TaggedError<DetachIncomplete>()("DetachIncomplete", {
  ...attachment,
  failures: Schema.NonEmptyArray(DetachFailure)
}) {
  override get message(): string {
    return `container "${this.containerId}" is not fully detached from network "${this.network}": ` +
      `${messages(this.failures)}. Run DEL again`
  }
}

/** What can be wrong with one plugin of a network. */
export const ValidationFailure = Schema.Union([
  PluginError,
  PluginTimeout,
  PluginSpawnFailed,
  PluginOutputInvalid,
  PluginNotFound,
  PluginNotExecutable,
  InvalidPluginType,
  VersionNotSupported
])
export type ValidationFailure = typeof ValidationFailure.Type

/** A network cannot be used as it is configured: every plugin that is missing or does not speak its version. */
export class NetworkInvalid extends Schema.TaggedError<NetworkInvalid>()("NetworkInvalid", {
  network: Schema.String,
  failures: Schema.NonEmptyArray(ValidationFailure)
}) {
  override get message(): string {
    return `network "${this.network}" cannot be used: ${messages(this.failures)}`
  }
}

/** A stale attachment that GC could not delete, and why. */
export const StaleAttachment = Schema.TaggedStruct("StaleAttachment", {
  containerId: Schema.String,
  ifName: Schema.String,
  error: Schema.Union([DetachFailure, InvalidVersion, LockTimeout])
})
export type StaleAttachment = typeof StaleAttachment.Type

/** A plugin whose own GC failed, and why. */
export const PluginGc = Schema.TaggedStruct("PluginGc", { plugin: Schema.String, error: DetachFailure })
export type PluginGc = typeof PluginGc.Type

/** GC did all that it could; `failures` are the attachments that it could not delete and the plugins whose GC failed. */
export class GcIncomplete extends Schema.TaggedError<GcIncomplete>()("GcIncomplete", {
  network: Schema.String,
  failures: Schema.NonEmptyArray(Schema.Union([StaleAttachment, PluginGc]))
}) {
  override get message(): string {
    return `network "${this.network}" is not fully cleaned: ${messages(this.failures.map(({ error }) => error))}. ` +
      "Run GC again"
  }
}

const messages = (failures: ReadonlyArray<Error>): string => failures.map((failure) => failure.message).join("; ")

/** Every error of the library. */
export const AnyError = Schema.Union([
  ...ValidationFailure.members,
  PosixSpawnUnavailable,
  CheckNotSupported,
  CacheKindMismatch,
  CacheEntryInvalid,
  CacheKeyCollision,
  CacheIoError,
  InvalidRuntimeConf,
  InvalidVersion,
  ResultConversionError,
  ConfigInvalid,
  NetworkNotFound,
  NoNetworkConfigs,
  NotAttached,
  AttachmentExists,
  AttachedElsewhere,
  InterfaceExists,
  OwnNamespace,
  LockTimeout,
  RollbackFailed,
  DetachIncomplete,
  NetworkInvalid,
  GcIncomplete
])
export type AnyError = typeof AnyError.Type
