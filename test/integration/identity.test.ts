/** Which attachment is which, on a real host: one interface is attached once, and one path can name many namespaces. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList } from "effect-cni"
import type { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import {
  addressesOf,
  bridgePlugin,
  canReach,
  configuration,
  type Container,
  mention,
  missingForRealPlugins,
  type Network,
  noTraces,
  onScratchNetwork,
  run,
  scratchContainer,
  traces
} from "./support.ts"

// Without masquerading: the reference plugin takes its rules away only while the namespace is there.
const chain = (network: Network) =>
  NetworkConfigList.fromText(
    configuration(network, [{ ...bridgePlugin(network), ipMasq: false }, { type: "firewall" }])
  )

it("has the reference plugins and may use them", ({ skip }) => mention(missingForRealPlugins, skip))

describe.skipIf(missingForRealPlugins.length > 0)("an interface of a container", () => {
  it.live(
    "is not attached twice, on this network or another: the first attachment goes on",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        yield* Cni.addNetworkList(list, container.conf)
        const before = traces(network, container)
        const again = yield* Effect.flip(Cni.addNetworkList(list, container.conf))
        const elsewhere = yield* Effect.flip(Cni.addNetworkList({ ...list, name: `${network.name}-2` }, container.conf))
        for (const error of [again, elsewhere]) {
          assert(error._tag === "AttachmentExists")
          assert.strictEqual(error.existing, network.name)
        }
        assert.deepStrictEqual(traces(network, container), before)
        assert.isTrue(canReach(container, network.gateway))
        yield* Cni.delNetworkList(list, container.conf)
      })
    )
  )
})

/** What a path names is deleted, and another container has that path from now on. */
const replaceNamespace = ({ conf, namespace }: Container) =>
  Effect.sync((): Container => {
    run("ip", "netns", "del", namespace)
    run("ip", "netns", "add", namespace)
    return { namespace, conf: { ...conf, containerId: `${conf.containerId}-2` } }
  })

describe.skipIf(missingForRealPlugins.length > 0)("a namespace that was made again under the same path", () => {
  const surviving = (
    name: string,
    detach: (
      list: NetworkConfigList.NetworkConfigList,
      first: Container,
      second: Container
    ) => Effect.Effect<unknown, { readonly _tag: string }, NodeCni.Services>
  ) =>
    it.live(
      name,
      onScratchNetwork((network) =>
        Effect.gen(function*() {
          const first = yield* scratchContainer(network)
          const list = yield* chain(network)
          yield* Cni.addNetworkList(list, first.conf)
          const second = yield* replaceNamespace(first)
          const { ips } = yield* Cni.addNetworkList(list, second.conf)
          yield* detach(list, first, second)
          assert.deepStrictEqual(addressesOf(second), ips.map(({ address }) => address))
          assert.isTrue(canReach(second, network.gateway))
          assert.strictEqual(traces(network, second).reservations.length, 1)
          yield* Cni.delNetworkList(list, second.conf)
          assert.deepStrictEqual(traces(network, first, second), noTraces)
        })
      )
    )

  surviving(
    "survives a GC that deletes the container before it",
    (list, _, { conf }) => Cni.gcNetworkList(list, { keep: [conf] })
  )
  surviving(
    "survives a DEL and a detach of the container before it, by the path that it had",
    (list, { conf }) => Effect.andThen(Cni.delNetworkList(list, conf), Cni.detach(list, conf))
  )
  surviving(
    "survives the delAttachment of the container before it",
    ({ name }, { conf }) => Cni.delAttachment({ network: name, containerId: conf.containerId, ifName: conf.ifName })
  )

  it.live(
    "survives the end of the scope of the container before it",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const first = yield* scratchContainer(network)
        const list = yield* chain(network)
        const second = yield* Effect.scoped(Effect.gen(function*() {
          yield* Cni.attach(list, first.conf)
          const replaced = yield* replaceNamespace(first)
          yield* Cni.addNetworkList(list, replaced.conf)
          return replaced
        }))
        assert.strictEqual(addressesOf(second).length, 1)
        assert.isTrue(canReach(second, network.gateway))
        yield* Cni.delNetworkList(list, second.conf)
        assert.deepStrictEqual(traces(network, first, second), noTraces)
      })
    )
  )
})
