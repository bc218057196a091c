/** What a plugin is told: JSON on stdin and six environment variables (spec, section 2). */
import type { RuntimeConf } from "../attachment/RuntimeConf.ts"
import { similarTo } from "../config/ConfigParsing.ts"
import { capabilitiesOf, type PluginConfig } from "../config/PluginConfig.ts"
import type { Command } from "../errors/CniError.ts"
import { type Json, type JsonObject, stringify } from "../json/Json.ts"
import type { CniResult } from "../result/CniResult.ts"

/** One run of one plugin, complete: what an executor needs, and what errors and traces say about it. */
export interface PluginInvocation {
  readonly plugin: string
  /** The name that the plugin's own configuration has, where it has one. */
  readonly pluginName?: string
  readonly path: string
  readonly command: Command
  readonly network: string
  readonly containerId: string
  readonly ifName: string
  /** The six CNI_* variables, to be set over the environment of the executor. */
  readonly environment: Readonly<Record<string, string>>
  readonly stdin: string
  /** After how many ms the plugin is stopped. */
  readonly timeLimitMs: number
}

/** The variables of CNI: always all six, even when empty. */
export const environment = (
  command: Command,
  conf: RuntimeConf,
  searchPath: string
): PluginInvocation["environment"] => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: conf.containerId,
  CNI_NETNS: conf.netns ?? "",
  CNI_ARGS: (conf.args ?? []).map(([key, value]) => `${key}=${value}`).join(";"),
  CNI_IFNAME: conf.ifName,
  CNI_PATH: searchPath
})

/** The network whose plugin is run: its name and version go over the plugin's own. */
export interface RequestContext {
  readonly name: string
  readonly cniVersion: string
  readonly capabilityArgs: JsonObject
  readonly prevResult: CniResult | undefined
}

/** The plugin's configuration with name, version, `prevResult` and `runtimeConfig` put in; all else stays. */
export const stdin = (
  { capabilities, json }: PluginConfig,
  { capabilityArgs, cniVersion, name, prevResult }: RequestContext
): string => {
  const runtimeConfig = supplied(capabilities, capabilityArgs)
  return stringify({
    ...json,
    name,
    cniVersion,
    ...(prevResult !== undefined && { prevResult: prevResult.json }),
    ...(Object.keys(runtimeConfig).length > 0 && { runtimeConfig })
  })
}

const supplied = (capabilities: PluginConfig["capabilities"], args: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(args).filter(([name]) => Object.hasOwn(capabilities, name) && capabilities[name]))

/** A capability argument that no plugin of a chain is given, and why, with what to do about it. */
export interface UnusedArgument {
  readonly key: string
  readonly reason: string
}

/**
 * The capability arguments that no plugin's configuration declares as true, in their order. An argument that says nothing
 * (null, an empty text, list or object) is none of them, because nothing is lost with it.
 */
export const unusedArguments = (
  plugins: ReadonlyArray<PluginConfig>,
  capabilityArgs: JsonObject
): ReadonlyArray<UnusedArgument> => {
  const declared = capabilitiesOf(plugins)
  return Object.entries(capabilityArgs)
    .filter(([key, value]) => !declared.includes(key) && !isNothing(value))
    .map(([key]) => ({ key, reason: unusedReason(key, declared) }))
}

const isNothing = (value: Json): boolean =>
  value === null || value === "" || typeof value === "object" && Object.keys(value).length === 0

const unusedReason = (key: string, declared: ReadonlyArray<string>): string => {
  const undeclared = "no plugin's configuration declares it"
  const [nearest] = similarTo(key, declared)
  if (nearest !== undefined) return `${undeclared}. Did you mean "${nearest}"?`
  const others = declared.length === 0 ? "" : ` Declared are ${declared.map((name) => `"${name}"`).join(", ")}.`
  return `${undeclared}.${others} Add "capabilities": {${stringify(key)}: true} to the plugin that is to get it`
}
