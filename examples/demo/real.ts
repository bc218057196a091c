/** The same for real, where the machine allows it: a network namespace on a bridge, and a ping from inside. */
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { exists } from "./command.ts"
import * as Host from "./host.ts"
import * as Left from "./left.ts"
import * as Networks from "./networks.ts"
import * as Requirements from "./requirements.ts"
import * as Show from "./show.ts"
import * as Tracing from "./tracing.ts"

/** Tells the story, or says what this machine lacks for it. What it makes is named after the directory. */
export const real = Effect.fn("real")(function*(directory: string) {
  const pluginPaths = yield* Requirements.pluginPaths
  const services = NodeCni.layer({ pluginPaths, cacheDir: Path.join(directory, "cache") })
  yield* Effect.provide(
    story(directory),
    Cni.layer.pipe(Layer.provideMerge(Tracing.layer), Layer.provideMerge(services))
  )
})

const story = Effect.fnUntraced(function*(directory: string) {
  const names = namesAfter(directory)
  const missing = yield* Requirements.missing(names.namespace)
  if (missing.length > 0) return yield* Show.section("For real", `skipped, for lack of ${missing.join(", ")}`)
  yield* Show.section("For real", "a network namespace on a bridge, by the reference plugins")
  yield* Effect.scoped(life(names)).pipe(Effect.onExit(() => Effect.flatMap(left(names), Left.nothing)))
})

const left = ({ bridge, dataDir, namespace }: Names) =>
  Effect.all({
    namespaces: Left.files("/run/netns", namespace),
    bridges: Host.bridges(bridge),
    reservations: Left.files(Path.join(dataDir, "real"), /^[\d.]+$/),
    records: Left.records
  })

interface Names {
  readonly namespace: string
  readonly bridge: string
  readonly dataDir: string
}

const namesAfter = (directory: string): Names => ({
  namespace: Path.basename(directory),
  bridge: `cni-demo-${directory.slice(-6)}`,
  dataDir: Path.join(directory, "reservations")
})

/** The namespace is attached as long as the scope is open, and gone with the bridge after that. */
const life = Effect.fnUntraced(function*({ bridge, dataDir, namespace }: Names) {
  const netns = yield* Host.namespace(namespace)
  yield* Host.forwardingRestored
  yield* Host.bridgeRemoved(bridge)
  const network = yield* NetworkConfigList.fromText(Networks.real({ bridge, dataDir, subnet }))
  const conf = { containerId: namespace, ifName: "eth0", netns }
  const { result } = yield* Cni.attach(network, conf)
  yield* Cni.checkNetworkList(network, conf)
  yield* Show.block(yield* Host.shown("ip", "-n", namespace, "-brief", "address", "show", "eth0"))
  yield* ping(namespace, result.ips[0]?.gateway ?? "")
  yield* Show.section("DEL", "the scope ends: detached, then namespace and bridge are removed")
})

// Of a block that is for documentation, so nobody has a route to it; one in 64 for those who run the demo at once.
const subnet = `192.0.2.${(process.pid % 64) * 4}/30`

const ping = Effect.fnUntraced(function*(namespace: string, address: string) {
  if (!(yield* exists("ping"))) return yield* Show.line("(ping is not installed)")
  const ping = ["ping", "-c", "3", "-i", "0.2", "-W", "2", address]
  const lines = (yield* Host.shown("ip", "netns", "exec", namespace, ...ping)).split("\n")
  yield* Show.block(lines.filter((line) => /bytes from|transmitted/.test(line)).join("\n"))
})
