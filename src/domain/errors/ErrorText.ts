/** The words in which libcni and podman report the same failures: scripts match on them. */
import type * as E from "./CniError.ts"
import { errnoText, goQuote } from "./GoWording.ts"

/** Whose words. */
export type Dialect = "libcni" | "podman"

/** What was being done when the error came up, which libcni says in front of it. */
export interface FormatOptions {
  readonly dialect: Dialect
  readonly operation?: "addNetworkList" | "delNetworkList" | "checkNetworkList" | "checkNetwork"
  /** The plugin at which an operation stopped, for errors that do not say so themselves; the first of its list. */
  readonly plugin?: { readonly type: string; readonly name: string }
}

/**
 * The text that libcni, or podman, has for an error. What neither of them knows (a time limit, a collision, …) has our
 * own message.
 *
 * @example
 * ```ts
 * import { CniError } from "effect-cni"
 *
 * const error = new CniError.CheckNotSupported({ network: "mynet", cniVersion: "0.3.1" })
 * CniError.format(error, { dialect: "libcni" })
 * // `configuration version "0.3.1" does not support the CHECK command`
 * ```
 */
export const format = (error: E.AnyError, options: FormatOptions): string => {
  switch (error._tag) {
    case "GcIncomplete":
      return error.failures.map((failure) => gcText(failure, options.dialect)).join("\n")
    case "NetworkInvalid":
      return `[${error.failures.map((failure) => text(failure, options)).join(" ")}]`
    case "RollbackFailed":
      return error.cause === undefined ? error.message : format(error.cause, options)
    case "DetachIncomplete":
      return error.failures.map((failure) => format(failure, { ...options, operation: "delNetworkList" })).join("\n")
    default:
      return `${prefix(error, options)}${text(error, options)}`
  }
}

const gcText = (failure: E.StaleAttachment | E.PluginGc, dialect: Dialect): string =>
  failure._tag === "PluginGc"
    ? `failed to GC plugin ${failure.plugin}: ${format(failure.error, { dialect })}`
    : `failed to delete stale attachment ${failure.containerId} ${failure.ifName}: ` +
      format(failure.error, { dialect, operation: "delNetworkList" })

type Single = Exclude<E.AnyError, E.GcIncomplete | E.NetworkInvalid | E.RollbackFailed | E.DetachIncomplete>

const prefix = (error: Single, { operation, plugin }: FormatOptions): string => {
  const verb = operation === "addNetworkList" ? "add" : operation === "delNetworkList" ? "delete" : undefined
  const at = "plugin" in error ? named(error) : error._tag === "InvalidRuntimeConf" ? plugin : undefined
  if (verb !== undefined && at !== undefined) return `plugin ${description(at)} failed (${verb}): `
  const isCheck = operation === "checkNetworkList" || operation === "checkNetwork"
  if (error._tag === "CacheEntryInvalid" && (isCheck || operation === "delNetworkList")) {
    return `failed to get network ${goQuote(error.network)} cached result: `
  }
  return ""
}

const named = (error: { readonly plugin: string; readonly pluginName?: string }) => ({
  type: error.plugin,
  name: error.pluginName ?? ""
})

const description = ({ name, type }: { readonly type: string; readonly name: string }): string =>
  name === "" ? `type=${goQuote(type)}` : `type=${goQuote(type)} name=${goQuote(name)}`

const text = (error: Single, { dialect }: FormatOptions): string => {
  switch (error._tag) {
    case "PluginError":
      return dialect === "podman" ? podman(error) : withDetails(error.msg, error.details)
    case "PluginSpawnFailed":
      return notStarted(error.path, spawnText(error), dialect)
    case "PluginNotExecutable":
      return notStarted(error.path, "permission denied", dialect)
    case "PluginOutputInvalid":
      return `${outputPrefix(error)}${error.reason}`
    case "PluginNotFound":
      return error.searched.length === 0
        ? "no paths provided"
        : `failed to find plugin ${goQuote(error.plugin)} in path [${error.searched.join(" ")}]`
    case "InvalidPluginType":
      return error.plugin === "" ? "no plugin name provided" : `invalid plugin name: ${error.plugin}`
    case "CheckNotSupported":
      return `configuration version ${goQuote(error.cniVersion)} does not support the CHECK command`
    case "CacheKindMismatch":
      return `read cached network ${goQuote(error.network)} config has wrong kind: ${error.kind}`
    case "CacheEntryInvalid":
      return cacheText(error)
    case "InvalidRuntimeConf":
      return withDetails(error.msg, error.details)
    case "InvalidVersion":
      return `invalid version ${goQuote(error.version)}: ${error.reason}`
    case "VersionNotSupported":
      return `plugin ${error.plugin} does not support config version ${goQuote(error.version)}`
    case "ResultConversionError":
      return error.reason
    case "ConfigInvalid":
      return configText(error)
    case "NetworkNotFound":
      return `no net configuration with name ${goQuote(error.network)} in ${error.directory}`
    case "NoNetworkConfigs":
      return `no net configurations found in ${error.directory}`
    default:
      return error.message
  }
}

const withDetails = (msg: string, details: string | undefined): string =>
  details === undefined ? msg : `${msg}; ${details}`

const podman = ({ code, details, msg, path }: E.PluginError): string => {
  const name = `cni plugin ${baseName(path)} failed`
  const reason = msg === "" ? (code > 0 ? `${name} with error code ${code}` : name) : `${name}: ${msg}`
  return details === undefined ? reason : `${reason}: ${details}`
}

const baseName = (path: string): string => path === "" ? "." : /([^/]+)\/*$/.exec(path)?.[1] ?? "/"

// libcni and podman run a file that they find, also one that is not executable, and say why that failed.
const notStarted = (path: string, reason: string, dialect: Dialect): string =>
  `${
    dialect === "podman" ? `cni plugin ${baseName(path)} failed` : "netplugin failed with no error message"
  }: fork/exec ${path}: ${reason}`

// Of a result that is JSON, libcni says what is wrong in it, and no more.
const outputPrefix = ({ at, command }: E.PluginOutputInvalid): string => {
  if (command === "VERSION") return "decoding version info: "
  return command === "ADD" && at === "" ? "failed to unmarshal raw result: " : ""
}

const spawnText = ({ detail, errno, reason }: E.PluginSpawnFailed): string =>
  errnoText(errno ?? spawnErrnos[reason]) ?? detail

const spawnErrnos: Readonly<Record<E.PluginSpawnFailed["reason"], string>> = {
  Busy: "ETXTBSY",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
  BadFormat: "ENOEXEC",
  TooBig: "E2BIG",
  NoResources: "EAGAIN",
  Other: ""
}

const cacheText = ({ decoding, issue, network }: E.CacheEntryInvalid): string => {
  if (decoding === "config") return `failed to unmarshal cached network ${goQuote(network)} config: ${issue}`
  return decoding === "version" ? `decoding version from network config: ${issue}` : issue
}

// A directory can be opened, but not read.
const readText = (file: string, errno: string, reason: string): string =>
  `error reading ${file}: ${errno === "EISDIR" ? "read" : "open"} ${file}: ${errnoText(errno) ?? reason}`

const configText = ({ at, errno, file = "", kind, reason }: E.ConfigInvalid): string => {
  if (errno !== undefined) return readText(file, errno, reason)
  if (kind === "file") return reason
  if (kind === "plugin") return `error parsing configuration: ${reason}`
  const inPlugin = /^plugins\[(\d+)\]/.exec(at)
  return inPlugin === null
    ? `error parsing configuration list: ${reason}`
    : `failed to parse plugin config ${inPlugin[1]}: error parsing configuration: ${reason}`
}
