/** What the operations are given, a network or a single plugin: D1, D22 and D27, and the version. */
import { Effect } from "effect"
import { CniVersion, NetworkConfigList, PluginConfig } from "effect-cni"
import { isArray, isMembers, parseJson } from "../json.ts"
import type { Failure } from "../vector.ts"
import { isTooMuch } from "./limits.ts"
import { networkIssue } from "./names.ts"
import { otherCase } from "./shapes.ts"
import type { Row, Situation } from "./situation.ts"

/** A network as the operations take it. */
export type Network = NetworkConfigList.NetworkConfigList

/** What is said of a configuration that cannot be used; its words are not compared. */
export const unreadable: Failure = { tag: "ConfigInvalid", goSpecificText: true }

/** Reads a network; one with a name that cannot be used is refused there. */
export const readNetwork = (situation: Situation, text: string): Effect.Effect<Network, Failure> => {
  if (isTooMuch(text)) return situation.refuse("D27", unreadable)
  const json = parseJson(text)
  const { name, plugins }: Readonly<Record<string, unknown>> = isMembers(json) ? json : {}
  if (typeof name === "string" && networkIssue(name) !== undefined) return situation.refuse("D1", unreadable)
  const misspelt = isArray(plugins) && plugins.some(isMisspelt)
  if (misspelt) situation.require("D22")
  const list = Effect.mapError(NetworkConfigList.fromText(text), () => unreadable)
  return misspelt ? Effect.map(list, (read) => ({ ...read, plugins: read.plugins.map(exactly) })) : list
}

/** Reads a plugin that stands alone, as the network that it is. */
export const readPlugin = (situation: Situation, text: string): Effect.Effect<Network, Failure> => {
  if (isTooMuch(text)) return situation.refuse("D27", unreadable)
  const misspelt = isMisspelt(parseJson(text))
  if (misspelt) situation.require("D22")
  return Effect.mapBoth(PluginConfig.fromText(text), {
    onFailure: () => unreadable,
    onSuccess: (plugin) => {
      const network = NetworkConfigList.ofPlugin(plugin)
      return misspelt ? { ...network, plugins: network.plugins.map(exactly) } : network
    }
  })
}

const isMisspelt = (plugin: unknown): boolean => isMembers(plugin) && otherCase(plugin, names)

const names = ["type", "name", "cniVersion", "capabilities", "ipam", "dns", "prevResult", "cni.dev/valid-attachments"]

/** A plugin by the exact keys of its configuration. */
const exactly = ({ json }: PluginConfig.PluginConfig): PluginConfig.PluginConfig => {
  const { capabilities, cniVersion, name, type } = json
  const text = (value: unknown): string => typeof value === "string" ? value : ""
  return {
    type: text(type),
    name: text(name),
    cniVersion: text(cniVersion),
    capabilities: Object.fromEntries(
      Object.entries(isMembers(capabilities) ? capabilities : {}).map(([key, value]) => [key, value === true])
    ),
    json
  }
}

/** Whether the version of a network is at least this one. */
export const isAtLeast = (version: string, minimum: string): Effect.Effect<boolean, Failure> =>
  Effect.all([Effect.fromResult(CniVersion.parse(version)), Effect.fromResult(CniVersion.parse(minimum))]).pipe(
    Effect.mapBoth({
      onFailure: (): Failure => ({ tag: "InvalidVersion", goSpecificText: true }),
      onSuccess: ([left, right]) => CniVersion.isAtLeast(left, right)
    })
  )

/** As `isAtLeast`, where only we refuse a version that cannot be parsed. */
export const isAtLeastOr = (situation: Situation, row: Row, version: string, minimum: string) =>
  Effect.tapError(isAtLeast(version, minimum), () => Effect.sync(() => situation.require(row)))
