/** What was there before an operation, and what belongs to another network, with real plugins in real namespaces. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, type Json, NetworkConfigList } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import {
  addressesOf,
  bridgePlugin,
  configuration,
  type Container,
  mention,
  missingForRealPlugins,
  type Network,
  noTraces,
  onScratchNetwork,
  run,
  scratchContainer,
  succeeds,
  traces
} from "./support.ts"

const chain = (network: Network, ...more: ReadonlyArray<Json.JsonObject>) =>
  NetworkConfigList.fromText(configuration(network, [{ ...bridgePlugin(network), ipMasq: false }, ...more]))

/** The number that the kernel gave an interface, which one that is made anew does not have. */
const indexOf = ({ namespace }: Container, ifName: string): string =>
  run("ip", "-n", namespace, "-o", "link", "show", "dev", ifName).split(":")[0] ?? ""

it("has the reference plugins and may use them", ({ skip }) => mention(missingForRealPlugins, skip))

describe.skipIf(missingForRealPlugins.length > 0)("what was there before an ADD", () => {
  it.live(
    "is left alone: an interface of that name",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        run("ip", "-n", container.namespace, "link", "add", "eth0", "type", "veth", "peer", "name", "other0")
        const before = indexOf(container, "eth0")
        const list = yield* chain(network)
        const error = yield* Effect.flip(Cni.addNetworkList(list, container.conf))
        assert(error._tag === "InterfaceExists")
        assert.match(error.mac, /^[\da-f:]{17}$/)
        assert.strictEqual(indexOf(container, "eth0"), before)
        run("ip", "-n", container.namespace, "link", "del", "eth0")
        yield* Cni.addNetworkList(list, container.conf)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "is left alone: our own namespace, by whatever path",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const list = yield* chain(network)
        const ifName = "effectcni0"
        for (const netns of ["/proc/self/ns/net", `/proc/${process.pid}/ns/net`, "/proc/thread-self/ns/net"]) {
          const error = yield* Effect.flip(Cni.addNetworkList(list, { containerId: network.name, netns, ifName }))
          assert.strictEqual(error._tag, "OwnNamespace")
        }
        assert.isFalse(succeeds("ip", "link", "show", "dev", ifName))
        assert.deepStrictEqual(traces(network), noTraces)
      })
    )
  )
})

describe.skipIf(missingForRealPlugins.length > 0)("a DEL", () => {
  it.live(
    "of another network's interface is refused, and leaves it up",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        yield* Cni.addNetworkList(list, container.conf)
        const before = indexOf(container, "eth0")
        const other = { ...list, name: `${network.name}-2` }
        const error = yield* Effect.flip(Cni.delNetworkList(other, container.conf))
        assert(error._tag === "AttachedElsewhere")
        assert.strictEqual(error.existing, network.name)
        assert.strictEqual(indexOf(container, "eth0"), before)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "by one path reaches what an ADD attached by another",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const link = `${network.directory}/link`
        Fs.symlinkSync(container.conf.netns, link)
        yield* Cni.addNetworkList(list, container.conf)
        yield* Cni.delNetworkList(list, { ...container.conf, netns: link })
        assert.deepStrictEqual(traces(network, container), noTraces)
        yield* Cni.addNetworkList(list, { ...container.conf, netns: link })
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "without a path takes the interface away, by the entry, by the record, and by the result in it",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const { netns: _, ...nameless } = container.conf
        const record = `${network.cacheDir}/results/${network.name}-${container.namespace}-eth0`
        const withoutNetns = () => {
          const text = Fs.readFileSync(record, "utf8")
          Fs.writeFileSync(record, text.replace(`"netns":"${container.conf.netns}",`, ""))
          assert.notInclude(Fs.readFileSync(record, "utf8"), `"netns"`)
        }
        const withoutEntry = () => Fs.rmSync(`${network.cacheDir}/effect-cni/journal`, { recursive: true })
        for (const change of [() => {}, withoutEntry, () => [withoutEntry, withoutNetns].forEach((each) => each())]) {
          yield* Cni.addNetworkList(list, container.conf)
          assert.strictEqual(addressesOf(container).length, 1)
          change()
          yield* Cni.delNetworkList(list, nameless)
          assert.deepStrictEqual(traces(network, container), noTraces)
        }
      })
    )
  )

  it.live(
    "without the port mappings of its ADD takes their rules away",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const portMappings = [{ hostPort: 20000 + process.pid % 10000, containerPort: 80, protocol: "tcp" }]
        const container = yield* scratchContainer(network, { portMappings })
        const list = yield* chain(network, { type: "portmap", capabilities: { portMappings: true } })
        yield* Cni.addNetworkList(list, container.conf)
        assert.isNotEmpty(traces(network, container).rules)
        // The plugin is gone from the configuration, too.
        yield* Cni.delNetworkList(yield* chain(network), { ...container.conf, capabilityArgs: {} })
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )
})

describe.skipIf(missingForRealPlugins.length > 0)("a mistake in a configuration", () => {
  it.live(
    "keeps no container from an ADD with the corrected one",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const portmap = { type: "portmap", capabilities: { portMappings: true } }
        const withPorts = yield* chain(network, portmap)
        const unspoken = yield* Effect.flip(Cni.addNetworkList({ ...list, cniVersion: "1.9.0" }, container.conf))
        const text = { portMappings: [{ hostPort: "8080", containerPort: 80, protocol: "tcp" }] }
        const mistyped = yield* Effect.flip(
          Cni.addNetworkList(withPorts, { ...container.conf, capabilityArgs: text })
        )
        assert.deepStrictEqual([unspoken._tag, mistyped._tag], ["PluginError", "PluginError"])
        yield* Cni.addNetworkList(list, container.conf)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )
})
