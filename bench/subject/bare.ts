/** What the runs of a chain's plugins take by themselves: no configuration, no record, no journal, no lock. */
import { type NetworkConfigList, PluginExec } from "effect-cni"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import * as process from "node:process"
import type { Container, Setup } from "../protocol.ts"

/** A verb of a chain: by an executor of this library alone, or by Node's `spawn` without anything of this library. */
export const bareVerb = (
  { exec, pluginPath }: Setup,
  { plugins }: NetworkConfigList.NetworkConfigList,
  command: "ADD" | "CHECK" | "DEL",
  { id, netns }: Container
): Effect.Effect<void, never, PluginExec> =>
  Effect.forEach(plugins, ({ type }) => {
    const environment = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: id,
      CNI_NETNS: netns,
      CNI_ARGS: "",
      CNI_IFNAME: "eth0",
      CNI_PATH: pluginPath
    }
    const path = Path.join(pluginPath, type)
    return exec === "spawn"
      ? spawned(path, environment)
      : Effect.orDie(Effect.asVoid(executed(type, path, command, environment)))
  }, { discard: true })

const stdin = `{"cniVersion":"1.0.0","name":"noop","type":"noop"}`

type Environment = Readonly<Record<string, string>>

const executed = (plugin: string, path: string, command: "ADD" | "CHECK" | "DEL", environment: Environment) =>
  PluginExec.use((exec) =>
    exec.run({
      plugin,
      path,
      command,
      network: "noop",
      containerId: environment["CNI_CONTAINERID"] ?? "",
      ifName: "eth0",
      environment,
      stdin,
      timeLimitMs: 60_000
    })
  )

const spawned = (path: string, environment: Environment) =>
  Effect.callback<void>((resume) => {
    const child = ChildProcess.spawn(path, [], { env: { ...process.env, ...environment } })
    child.stdout.resume()
    child.stderr.resume()
    child.on("error", (error) => resume(Effect.die(error)))
    child.on("close", () => resume(Effect.void))
    child.stdin.end(stdin)
  })
