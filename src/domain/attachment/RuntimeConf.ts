/** The parameters of one attachment: who is attached, where, under which name, with which arguments. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidRuntimeConf } from "../errors/CniError.ts"
import { isJson, type JsonObject } from "../json/Json.ts"
import { asText, JsonMembers } from "../json/JsonCodec.ts"
import { type AttachmentKey, fileName } from "./AttachmentKey.ts"

/**
 * What a caller says about an attachment (spec, section 2 "Parameters").
 *
 * - `containerId`: unique among the containers of a host; letters, digits, `_`, `.`, `-`.
 * - `netns`: path of the network namespace; may be missing for CHECK and DEL of what has none any more.
 * - `ifName`: name of the interface inside the container, at most 15 bytes.
 * - `args`: CNI_ARGS, in order.
 * - `capabilityArgs`: by capability; each plugin gets those that its configuration declares.
 *
 * As a Schema it encodes to JSON, and `capabilityArgs` within that to one string, their JSON text.
 */
export const RuntimeConf = Schema.Struct({
  containerId: Schema.String,
  ifName: Schema.String,
  netns: Schema.optionalKey(Schema.String),
  args: Schema.optionalKey(Schema.Array(Schema.Tuple([Schema.String, Schema.String]))),
  capabilityArgs: Schema.optionalKey(asText(JsonMembers))
})
export type RuntimeConf = typeof RuntimeConf.Type

/** Whether every parameter may be shown to a plugin and used in a file name. */
export const validate = <A extends RuntimeConf>(conf: A): Result.Result<A, InvalidRuntimeConf> => {
  const issue = containerIdIssue(conf.containerId) ?? ifNameIssue(conf.ifName) ?? netnsIssue(conf.netns ?? "") ??
    argsIssue(conf.args ?? []) ?? capabilityArgsIssue(conf.capabilityArgs ?? {})
  return issue === undefined ? Result.succeed(conf) : Result.fail(issue)
}

/** The parameters as they are now. They must be valid ones. What a caller changes while an operation waits is not seen. */
export const copyOf = ({ args, capabilityArgs, containerId, ifName, netns }: RuntimeConf): RuntimeConf => ({
  containerId,
  ifName,
  ...(netns !== undefined && { netns }),
  ...(args !== undefined && { args: args.map(([key, value]) => [key, value] as const) }),
  ...(capabilityArgs !== undefined && { capabilityArgs: structuredClone(capabilityArgs) })
})

/** Accepts a container ID, or says what is wrong with it (code 3 or 4). */
export const validateContainerId = (value: string): Result.Result<string, InvalidRuntimeConf> =>
  accept(value, containerIdIssue(value))

/** Accepts the name of an interface, or says what is wrong with it (code 4). */
export const validateIfName = (value: string): Result.Result<string, InvalidRuntimeConf> =>
  accept(value, ifNameIssue(value))

/** Accepts the name of a network, or says what is wrong with it (code 7). */
export const validateNetworkName = (value: string): Result.Result<string, InvalidRuntimeConf> => {
  if (value === "") return Result.fail(invalid("network", value, 7, "missing network name:"))
  return accept(value, isName(value) ? undefined : invalid("network", value, 7, badNetwork, value))
}

/** Accepts what is attached where the file that keeps it can have its name, or says what is too long (code 4 or 7). */
export const validateKey = (key: AttachmentKey): Result.Result<AttachmentKey, InvalidRuntimeConf> => {
  const length = new TextEncoder().encode(fileName(key)).byteLength
  if (length <= maxFileName) return Result.succeed(key)
  const msg = "network name, container ID and interface name are too long: together they name a file, which can have " +
    `${maxFileName} bytes, and these have ${length}`
  return Result.fail(
    key.network.length > key.containerId.length
      ? invalid("network", key.network, 7, msg)
      : invalid("containerId", key.containerId, 4, msg)
  )
}

const maxFileName = 255

const badNetwork = "invalid characters found in network name"
const badContainerId = "invalid characters in containerID"

const accept = (value: string, issue: InvalidRuntimeConf | undefined): Result.Result<string, InvalidRuntimeConf> =>
  issue === undefined ? Result.succeed(value) : Result.fail(issue)

const invalid = (
  field: InvalidRuntimeConf["field"],
  value: string,
  code: InvalidRuntimeConf["code"],
  msg: string,
  details?: string
): InvalidRuntimeConf =>
  new InvalidRuntimeConf({ field, value, code, msg, ...(details === undefined ? {} : { details }) })

const isName = (value: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value)

const containerIdIssue = (value: string): InvalidRuntimeConf | undefined => {
  if (value === "") return invalid("containerId", value, 3, "missing containerID")
  return isName(value) ? undefined : invalid("containerId", value, 4, badContainerId, value)
}

const ifNameIssue = (value: string): InvalidRuntimeConf | undefined => {
  if (usualIfName.test(value)) return undefined
  const bad = (msg: string, details?: string) => invalid("ifName", value, 4, msg, details)
  if (value === "") return bad("interface name is empty")
  if (new TextEncoder().encode(value).byteLength > 15) {
    return bad("interface name is too long", "interface name should be less than 16 characters")
  }
  if (value === "." || value === "..") return bad("interface name is . or ..")
  if (/[/:\p{White_Space}]/u.test(value)) return bad("interface name contains / or : or whitespace characters")
  return isNoText(value) ? bad("interface name contains a NUL or a broken character") : undefined
}

const usualIfName = /^[a-zA-Z][a-zA-Z0-9_-]{0,14}$/

const netnsIssue = (value: string): InvalidRuntimeConf | undefined =>
  isNoText(value) ? invalid("netns", value, 4, "the path contains a NUL or a broken character") : undefined

const argsIssue = (args: NonNullable<RuntimeConf["args"]>): InvalidRuntimeConf | undefined => {
  const bad = args.find((pair) => pair.some((text) => text.includes(";") || isNoText(text)))
  return bad && invalid("args", bad.join("="), 4, "an argument contains a semicolon, a NUL or a broken character")
}

const capabilityArgsIssue = (args: JsonObject): InvalidRuntimeConf | undefined => {
  const bad = Object.keys(args).find((key) => !isJson(args[key]))
  return bad === undefined
    ? undefined
    : invalid(
      "capabilityArgs",
      bad,
      4,
      "the value is not JSON: plain data with finite numbers, nested 500 deep at most"
    )
}

// An environment variable holds neither a NUL nor half a character.
const isNoText = (text: string): boolean => text.includes("\0") || !text.isWellFormed()
