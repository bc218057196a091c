/** What a plugin is told: JSON on stdin and six environment variables (spec, section 2). */
import type { Command } from "./CniError.ts"
import type { CniResult } from "./CniResult.ts"
import { type JsonObject, stringify } from "./Json.ts"
import type { PluginConfig } from "./PluginConfig.ts"
import type { RuntimeConf } from "./RuntimeConf.ts"

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
