/**
 * A runtime in a process of its own: `attacher` attaches and detaches containers that others want too, `gc` collects.
 * Arguments: name, role, the host as JSON, how many operations, a seed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cni, type CniServices, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"

const HostJson = Schema.fromJsonString(Schema.Struct({
  directory: Schema.String,
  bin: Schema.String,
  cache: Schema.String,
  allocations: Schema.String,
  log: Schema.String
}))

const [name = "", role = "", hostText = "", count = "", seed = ""] = process.argv.slice(2)
const host = Schema.decodeSync(HostJson)(hostText)
const wanted = Path.join(host.directory, "wanted")
const networks = ["n1", "n2"]
const containers = Array.from({ length: 20 }, (_, index) => `c${index}`)

const listOf = (network: string) =>
  NetworkConfigList.fromText(JSON.stringify({ cniVersion: "1.1.0", name: network, plugins: [{ type: network }] }))

const pick = (from: ReadonlyArray<string>) =>
  Effect.map(Random.nextIntBetween(0, from.length), (at) => from[Math.min(at, from.length - 1)] ?? "")

// Each worker marks what it wants: what is marked by anybody is to be kept.
const attachAndDetach = Effect.gen(function*() {
  const network = yield* pick(networks)
  const containerId = yield* pick(containers)
  const list = yield* listOf(network)
  const conf = { containerId, netns: "", ifName: network }
  const mark = Path.join(wanted, `${network} ${containerId} ${name}`)
  Fs.writeFileSync(mark, "")
  const result = yield* Effect.result(Cni.addNetworkList(list, conf))
  if (result._tag === "Success") {
    if (!Fs.existsSync(Path.join(host.allocations, `${network} ${containerId}`))) {
      yield* Effect.sync(() => console.log(`${network} ${containerId} was collected though it was attached`))
    }
    // Now and then it forgets what it has attached: that is for GC.
    if ((yield* Random.next) < 0.8) yield* Cni.delNetworkList(list, conf)
  } else if (result.failure._tag !== "AttachmentExists") return yield* result.failure
  Fs.rmSync(mark)
})

const keep = Effect.sync(() =>
  Fs.readdirSync(wanted).map((mark) => {
    const [network = "", containerId = ""] = mark.split(" ")
    return { containerId, ifName: network }
  })
)

const collect = Effect.gen(function*() {
  yield* Cni.gcNetworkList(yield* listOf(yield* pick(networks)), { keep })
})

Fs.mkdirSync(wanted, { recursive: true })
const operation: Effect.Effect<void, { readonly _tag: string }, Cni | CniServices> = role === "gc"
  ? collect
  : attachAndDetach

Effect.forEach(Array.from({ length: Number(count) }), () => operation, { discard: true }).pipe(
  Random.withSeed(seed),
  Effect.provide(NodeCni.layer({ pluginPaths: [host.bin], cacheDir: host.cache })),
  NodeRuntime.runMain
)
