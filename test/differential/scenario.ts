/** What cnitool and our command are both made to do: a host, and calls on it one after the other. */
import type { Json } from "effect-cni"

/** What a plugin does when it is asked for something; it succeeds and says nothing where there is no answer. */
export interface Answer {
  readonly stdout?: string | Json.Json
  readonly stderr?: string
  readonly status?: number
}

/** A plugin, by CNI_COMMAND. */
export type Plugin = Readonly<Record<string, Answer>>

/** One call of the command. */
export interface Call {
  readonly args: ReadonlyArray<string>
  /** What ours wants beside: gc is told what it may delete. */
  readonly ours?: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
  /** What happens to files of the host before; `null` removes one. */
  readonly before?: Readonly<Record<string, string | null>>
}

/** Where the two differ, and why: a deliberate difference by its row, or what cannot be the same. */
export type Differences = Readonly<Record<string, ReadonlyArray<string>>>

export interface Scenario {
  readonly name: string
  /** Files of the directory of networks; a value that is no text is written as JSON. */
  readonly networks: Readonly<Record<string, string | Json.Json>>
  readonly plugins: Readonly<Record<string, Plugin>>
  readonly calls: ReadonlyArray<Call>
  readonly differs?: Differences
}

/** A call without more. */
export const call = (...args: ReadonlyArray<string>): Call => ({ args })

/** Attach, check, detach. */
export const life = (network = "mynet", netns = "/run/netns/blue"): ReadonlyArray<Call> =>
  ["add", "check", "del"].map((verb) => call(verb, network, netns))

/** cnitool's gc, which deletes everything. */
export const gc = (network = "mynet"): Call => ({ args: ["gc", network, "/run/netns/blue"], ours: ["--all"] })

/** A list of these plugins, each as its type or as a whole. */
export const list = (
  cniVersion: string,
  plugins: ReadonlyArray<string | Json.JsonObject>,
  more: Json.JsonObject = {}
): Json.JsonObject => ({
  cniVersion,
  name: "mynet",
  ...more,
  plugins: plugins.map((plugin) => typeof plugin === "string" ? { type: plugin } : plugin)
})

/** A result of a plugin that gives an address. */
export const address = (cniVersion: string): Json.JsonObject => ({
  cniVersion,
  interfaces: [{ name: "eth0", mac: "5e:29:0c:f1:7b:11", sandbox: "/run/netns/<blue>" }],
  ips: [{
    ...(cniVersion < "1" ? { version: "4" } : {}),
    interface: 0,
    address: "10.1.2.3/24",
    gateway: "10.1.2.1"
  }],
  routes: [{ dst: "0.0.0.0/0", gw: "10.1.2.1" }],
  dns: { nameservers: ["10.1.2.1"], search: ["b", "a"] }
})

/** A plugin that gives an address. */
export const addressing = (cniVersion = "1.0.0"): Plugin => ({ ADD: { stdout: address(cniVersion) } })

/** A plugin that refuses. */
export const refusing = (command: string, code = 11): Plugin => ({
  [command]: { status: 1, stdout: { cniVersion: "1.0.0", code, msg: `no <luck> & all`, details: "some" } }
})
