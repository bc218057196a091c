/** A DEL gives the plugins what the ADD was given, whatever the caller and the configuration say by now. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList, Tunables, type VerbErrors } from "effect-cni"
import { MemoryCni, MemoryPluginDiscovery, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { c1, network, request } from "../support/network.ts"
import { replacing } from "../support/withService.ts"

const chain = (...plugins: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
  Effect.runSync(NetworkConfigList.fromText(JSON.stringify({ cniVersion: "1.0.0", name: "net", plugins })))

const portmap = { type: "portmap", capabilities: { portMappings: true, bandwidth: true } }
const net = chain({ type: "bridge" }, portmap)
const mappings = [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }]
const added = {
  ...c1,
  args: [["K8S_POD_NAME", "p"]] as const,
  capabilityArgs: { portMappings: mappings, bandwidth: { ingressRate: 1 } }
}

/** What each DEL was given: runtimeConfig and CNI_ARGS. */
const deletions = PluginInvocations.use(({ all }) =>
  Effect.map(all, (runs) =>
    runs.filter(({ command }) => command === "DEL").map((run) => ({
      plugin: run.plugin,
      runtimeConfig: request(run)["runtimeConfig"],
      args: run.environment["CNI_ARGS"]
    })))
)
const types = Effect.map(deletions, (all) => all.map(({ plugin }) => plugin))

const plugins = { bridge: {}, portmap: {}, tuning: {} }

type Verb = (
  list: NetworkConfigList.NetworkConfigList,
  conf: Parameters<typeof Cni.detach>[1]
) => Effect.Effect<void, VerbErrors.DelNetworkListError | VerbErrors.DetachError, MemoryCni.Services>

const verbs: ReadonlyArray<readonly [string, Verb]> = [["delNetworkList", Cni.delNetworkList], ["detach", Cni.detach]]

describe.each(verbs)("%s", (_, del) => {
  it.effect("takes capability arguments and CNI_ARGS that the caller does not give from what is stored", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, added)
      yield* del(net, c1)
      assert.deepStrictEqual(yield* deletions, [
        { plugin: "portmap", runtimeConfig: added.capabilityArgs, args: "K8S_POD_NAME=p" },
        { plugin: "bridge", runtimeConfig: undefined, args: "K8S_POD_NAME=p" }
      ])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("takes those that the caller gives: each capability for itself, CNI_ARGS as a whole", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, added)
      yield* del(net, { ...c1, args: [["A", "1"]], capabilityArgs: { portMappings: [] } })
      assert.deepStrictEqual((yield* deletions)[0], {
        plugin: "portmap",
        runtimeConfig: { portMappings: [], bandwidth: { ingressRate: 1 } },
        args: "A=1"
      })
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("takes them from the record of another runtime, too", () =>
    Effect.gen(function*() {
      yield* Effect.provideService(Cni.addNetworkList(net, added), Tunables.Compat, "libcni")
      yield* del(network(["bridge"]), c1)
      assert.deepStrictEqual((yield* deletions)[0]?.runtimeConfig, added.capabilityArgs)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("runs a plugin that was removed from the configuration since, in its place", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, added)
      yield* del(network(["bridge", "tuning"]), c1)
      assert.deepStrictEqual(yield* types, ["tuning", "portmap", "bridge"])
      assert.deepStrictEqual((yield* deletions)[1]?.runtimeConfig, added.capabilityArgs)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("configures a plugin of both chains as the given one says", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* del(chain({ type: "bridge", mtu: 1400 }, portmap), c1)
      const [, bridge] = (yield* PluginInvocations.use(({ all }) => all)).filter(({ command }) => command === "DEL")
      assert.strictEqual(bridge && request(bridge)["mtu"], 1400)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("does none of it as libcni does", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, added)
      yield* Effect.provideService(del(network(["bridge"]), c1), Tunables.Compat, "libcni")
      assert.deepStrictEqual(yield* deletions, [{ plugin: "bridge", runtimeConfig: undefined, args: "" }])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})

describe("a plugin that only the stored chain has, and that is not installed any more", () => {
  const { portmap: _, ...others } = plugins

  it.effect("is a warning in delNetworkList, which deletes the rest", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
    return Effect.gen(function*() {
      const cache = MemoryCni.layer(plugins)
      yield* Effect.provide(attachThenForgetPlugin(Cni.delNetworkList(network(["bridge"]), c1), others), cache)
      assert.match(lines.join("\n"), /^Warn no plugin "portmap"/m)
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("is a failure in detach, which keeps what is known", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(attachThenForgetPlugin(Cni.detach(network(["bridge"]), c1), others))
      assert(error._tag === "DetachIncomplete")
      assert.deepStrictEqual(error.failures.map((failure) => failure._tag), ["PluginNotFound"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("fails delNetworkList where the given chain has it too", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(attachThenForgetPlugin(Cni.delNetworkList(net, c1), others))
      assert.strictEqual(error._tag, "PluginNotFound")
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})

/** Attaches with every plugin, and goes on with some of them. */
const attachThenForgetPlugin = <E, R>(then: Effect.Effect<void, E, R>, left: Parameters<typeof MemoryCni.layer>[0]) =>
  Effect.andThen(
    Cni.addNetworkList(net, added),
    Effect.provide(then, replacing(MemoryPluginDiscovery.layer(Object.keys(left))))
  )
