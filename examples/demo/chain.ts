/** A container's life on a network of three small plugins, from the configuration's text to the last DEL. */
import { Cni, NetworkConfigList, type RuntimeConf } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import * as Left from "./left.ts"
import * as Networks from "./networks.ts"
import * as Show from "./show.ts"
import * as Tracing from "./tracing.ts"
import * as Views from "./views.ts"

/** Tells the story in a directory, which gets the plugins' allocations and the cache. */
export const chain = Effect.fn("chain")(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const stateDir = Path.join(directory, "allocations")
  yield* fs.makeDirectory(stateDir)
  const services = NodeCni.layer({
    pluginPaths: [Path.join(import.meta.dirname, "plugins")],
    cacheDir: Path.join(directory, "cache")
  })
  yield* Effect.provide(
    story(stateDir),
    Cni.layer.pipe(Layer.provideMerge(Tracing.layer), Layer.provideMerge(services))
  )
})

const story = Effect.fnUntraced(function*(stateDir: string) {
  const text = Networks.demo(stateDir)
  yield* Show.section("Configuration", "a network, as its administrator writes it down")
  yield* Show.block(text)
  const network = yield* NetworkConfigList.fromText(text)
  const left = Effect.all({ allocations: Left.files(stateDir, /./), records: Left.records })
  yield* Effect.scoped(life(network, stateDir)).pipe(Effect.onExit(() => Effect.flatMap(left, Left.nothing)))
})

/** As long as the scope is open, web-1 is attached. */
const life = Effect.fnUntraced(function*(network: NetworkConfigList.NetworkConfigList, stateDir: string) {
  yield* Show.section("ADD", "web-1 joins: each plugin in turn is given (→) and answers (←)")
  const { result, ...key } = yield* Cni.attach(network, container("web-1", 8080))

  yield* Show.section("Result", "what the runtime learns, and what the plugins hold")
  yield* Views.result(result)
  yield* Views.allocations(stateDir)

  yield* Show.section("Cache", "what is remembered until DEL")
  yield* Views.cacheRecord(key)

  yield* Show.section("CHECK", "is everything still as it was made?")
  yield* Cni.checkNetworkList(network, container("web-1", 8080))

  yield* Show.section("Rollback", "the third plugin refuses web-2, so all is undone, last to first")
  yield* refused(network)
  yield* Views.allocations(stateDir)

  yield* Show.section("DEL", "the scope of web-1 ends: it is detached, last plugin to first")
})

const refused = Effect.fnUntraced(function*(network: NetworkConfigList.NetworkConfigList) {
  const failure = yield* Effect.flip(Effect.scoped(Cni.attach(network, container("web-2", 8081))))
  yield* Show.paragraph(`${failure._tag}: ${failure.message}`)
})

const container = (containerId: string, hostPort: number): RuntimeConf.RuntimeConf => ({
  containerId,
  ifName: "eth0",
  netns: `/run/netns/${containerId}`,
  capabilityArgs: { portMappings: [{ hostPort, containerPort: 80 }] }
})
