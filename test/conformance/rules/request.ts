/** What a plugin is asked: its own configuration, with what the network, the caller and the chain put in. */
import type { Json, PluginConfig } from "effect-cni"
import type * as Args from "../calls/arguments.ts"

/** The parameters of an attachment, as they are given or stored. */
export interface Rt extends Omit<Args.Rt, "capabilityArgs"> {
  readonly capabilityArgs: Json.JsonObject
}

/** The input of a plugin for an attachment. */
export const attachmentInput = (
  plugin: PluginConfig.PluginConfig,
  network: { readonly name: string; readonly cniVersion: string },
  rt: Pick<Rt, "capabilityArgs">,
  prevResult: unknown
): unknown => {
  const declared = Object.entries(rt.capabilityArgs).filter(([name]) => isDeclared(plugin.json["capabilities"], name))
  return {
    ...networkInput(plugin, network, {}),
    ...(prevResult !== undefined && { prevResult }),
    ...(declared.length > 0 && { runtimeConfig: Object.fromEntries(declared) })
  }
}

const isDeclared = (capabilities: Json.Json | undefined, name: string): boolean =>
  typeof capabilities === "object" && capabilities !== null &&
  Object.entries(capabilities).some(([key, value]) => key === name && value === true)

/** The input of a plugin for its network as a whole. */
export const networkInput = (
  plugin: PluginConfig.PluginConfig,
  { cniVersion, name }: { readonly name: string; readonly cniVersion: string },
  members: Readonly<Record<string, unknown>>
) => ({ ...plugin.json, name, cniVersion, ...members })
