/** A runtime that attaches once, with the plugins of a directory; the second argument is how they are to be started. */
import { Cni } from "effect-cni"
import { NodeCni, PosixSpawnPluginExec } from "effect-cni/node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { c1, network } from "../support/network.ts"

const [, , directory = "", exec] = process.argv
const place = { pluginPaths: [directory], cacheDir: `${directory}/cache` }
const layer = exec === "posix_spawn"
  ? NodeCni.layer({ ...place, exec: PosixSpawnPluginExec.layer })
  : NodeCni.layer(place)

const attaching = Cni.addNetworkList(network(["a"]), c1).pipe(
  Effect.andThen(Console.log("attached")),
  Effect.provide(layer),
  Effect.catch(({ _tag, message }) => Console.log(`${_tag}: ${message}`)),
  Effect.provideService(References.MinimumLogLevel, "Debug")
)
await Effect.runPromise(attaching)
