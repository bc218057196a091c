/** D1 and D20: names and arguments that may not be used are refused by every operation, before anything is touched. */
import { Effect } from "effect"
import type { NetworkConfigList, PluginConfig } from "effect-cni"
import type { Failure } from "../vector.ts"
import type { Rt } from "./request.ts"
import type { Row, Situation } from "./situation.ts"

const isName = (value: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value)

const invalid = (code: number, msg: string, details?: string): Failure => ({
  tag: "InvalidRuntimeConf",
  code,
  msg,
  ...(details !== undefined && { details })
})

/** Why a network cannot have this name. */
export const networkIssue = (name: string): Failure | undefined =>
  name === ""
    ? invalid(7, "missing network name:")
    : isName(name)
    ? undefined
    : invalid(7, "invalid characters found in network name", name)

/** Why a container cannot have this ID. */
export const containerIssue = (id: string): Failure | undefined =>
  id === ""
    ? invalid(3, "missing containerID")
    : isName(id)
    ? undefined
    : invalid(4, "invalid characters in containerID", id)

/** Why an interface cannot have this name. Where libcni has no words for it, the message is not compared. */
export const interfaceIssue = (name: string): Failure | undefined => {
  if (name === "") return invalid(4, "interface name is empty")
  if (Buffer.byteLength(name) > 15) {
    return invalid(4, "interface name is too long", "interface name should be less than 16 characters")
  }
  if (name === "." || name === "..") return invalid(4, "interface name is . or ..")
  if (/[/:\p{White_Space}]/u.test(name)) return invalid(4, "interface name contains / or : or whitespace characters")
  return name.includes("\0") ? ours : undefined
}

const ours: Failure = { ...invalid(4, ""), goSpecificText: true }

/** Why the parameters of an attachment cannot be used, and by which row. */
const issueOf = (network: string, { args, containerId, ifName, netns }: Rt): readonly [Row, Failure] | undefined => {
  const name = networkIssue(network) ?? containerIssue(containerId) ?? interfaceIssue(ifName)
  if (name !== undefined) return ["D1", name]
  if (netns.includes("\0") || args.flat().some((text) => text.includes("\0"))) return ["D1", ours]
  return args.flat().some((text) => text.includes(";")) ? ["D20", ours] : undefined
}

/** Refuses what no operation accepts. */
export const checkNames = (situation: Situation, network: string, rt: Rt): Effect.Effect<void, Failure> => {
  const issue = issueOf(network, rt)
  return issue === undefined ? Effect.void : situation.refuse(...issue)
}

/** A network as the operations take it. */
export type Network = NetworkConfigList.NetworkConfigList

/** A plugin as the single-plugin operations take it. */
export type Plugin = PluginConfig.StandalonePluginConfig
