/** A runtime that attaches and detaches once, with the plugins of a directory, and says what they say on the side. */
import { Cni, Tunables } from "effect-cni"
import { NodeCni, PosixSpawnPluginExec } from "effect-cni/node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { c1, network } from "../support/network.ts"

const [, , directory = ""] = process.argv
const layer = NodeCni.layer({
  pluginPaths: [directory],
  cacheDir: `${directory}/cache`,
  exec: PosixSpawnPluginExec.layer
})

const attaching = Cni.addNetworkList(network(["a"]), c1).pipe(
  Effect.andThen(Cni.delNetworkList(network(["a"]), c1)),
  Effect.andThen(Console.log("detached")),
  Effect.provide(layer),
  Effect.provideService(Tunables.PluginStderr, "stderr")
)
await Effect.runPromise(attaching)
