/** What a machine must have to attach a namespace for real. */
import { PluginDiscovery } from "effect-cni"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { exists, run } from "./command.ts"

/** Where the reference plugins may be. */
export const pluginPaths = Config.String("CNI_PATH").pipe(
  Config.withDefault(""),
  Config.map((searchPath) => `${searchPath}:/opt/cni/bin:/usr/lib/cni`.split(":"))
)

/** What is missing here, in words. The name is that of a namespace that may be made to try. */
export const missing = Effect.fnUntraced(function*(namespace: string) {
  const discovery = yield* PluginDiscovery
  const lack = Object.entries({
    "root": process.geteuid?.() === 0,
    "plugin bridge": yield* Effect.isSuccess(discovery.find("bridge")),
    "plugin host-local": yield* Effect.isSuccess(discovery.find("host-local")),
    "ip": yield* exists("ip")
  }).flatMap(([name, isThere]) => isThere ? [] : [name])
  return lack.length > 0 || (yield* mayMake(namespace)) ? lack : ["the right to `ip netns add`"]
})

// Root in a container may not.
const mayMake = (namespace: string): Effect.Effect<boolean> =>
  Effect.andThen(run("ip", "netns", "add", namespace), run("ip", "netns", "delete", namespace)).pipe(
    Effect.isSuccess,
    Effect.uninterruptible
  )
