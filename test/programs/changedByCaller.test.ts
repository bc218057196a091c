/** What a caller does to an object that it gave us, or that we gave it, is taken whole or not at all. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList, PluginConfig } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { c1, network, request, result } from "../support/network.ts"

const c2 = { ...c1, containerId: "c2" }

const told = (member: string) =>
  Effect.map(
    PluginInvocations.use(({ all }) => all),
    (runs) => runs.map((run) => `${run.command} ${JSON.stringify(request(run)[member])}`)
  )

describe("an object that its caller changes", () => {
  it.effect("is a configuration: each plugin is told what it says at that time", () =>
    Effect.gen(function*() {
      const list = yield* NetworkConfigList.fromText(
        `{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"a","mtu":1500,"ipam":{"ranges":[[{"subnet":"10.0.0.0/24"}]]}}]}`
      )
      const [plugin] = list.plugins
      assert(plugin !== undefined)
      const ipam = plugin.json["ipam"]
      yield* Cni.addNetworkList(list, c1)
      Object.assign(plugin.json, { mtu: 1400 })
      Object.assign(ipam ?? {}, { type: "dhcp" })
      yield* Cni.addNetworkList(list, c2)
      yield* Cni.checkNetworkList(list, c2)
      Object.assign(plugin.json, { mtu: 1300 })
      yield* Cni.delNetworkList(list, c2)
      assert.deepStrictEqual(yield* told("mtu"), ["ADD 1500", "ADD 1400", "CHECK 1400", "DEL 1300"])
      assert.match((yield* told("ipam"))[1] ?? "", /"type":"dhcp"/)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }))))

  it.effect("is a plugin that stands alone", () =>
    Effect.gen(function*() {
      const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"net","type":"a","mtu":1500}`)
      yield* Cni.addNetwork(plugin, c1)
      Object.assign(plugin.json, { mtu: 1400 })
      yield* Cni.addNetwork(plugin, c2)
      assert.deepStrictEqual(yield* told("mtu"), ["ADD 1500", "ADD 1400"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }))))

  it.effect("is the parameters, which an operation takes as they are when it starts", () =>
    Effect.gen(function*() {
      const list = yield* NetworkConfigList.fromText(
        `{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"a"},{"type":"b","capabilities":{"ips":true}}]}`
      )
      const ips = ["10.0.0.5/24"]
      const args: Array<[string, string]> = [["A", "1"]]
      const conf = { ...c1, args, capabilityArgs: { ips } }
      const adding = yield* Effect.forkChild(Cni.addNetworkList(list, conf), { startImmediately: true })
      Object.assign(conf, { containerId: "c2", ifName: "eth1", netns: "/other" })
      args.push(["B", "2"])
      ips.push("10.0.0.6/24")
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(adding)
      const [first, second] = yield* PluginInvocations.use(({ all }) => all)
      assert(first !== undefined && second !== undefined)
      assert.deepStrictEqual(first.environment, second.environment)
      const { CNI_ARGS, CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS } = second.environment
      assert.deepStrictEqual([CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS, CNI_ARGS], ["c1", "eth0", c1.netns, "A=1"])
      assert.deepStrictEqual(request(second)["runtimeConfig"], { ips: ["10.0.0.5/24"] })
      const [record] = yield* Cni.getCachedAttachments()
      assert.deepStrictEqual([record?.containerId, record?.netns, record?.cniArgs], ["c1", c1.netns, [["A", "1"]]])
    }).pipe(Effect.provide(MemoryCni.layer({
      a: { ADD: [new MemoryCni.Reply({ stdout: "{}", delay: "10 seconds" })] },
      b: MemoryCni.passThrough
    }))))

  it.effect("is a result, which is stored as it was", () =>
    Effect.gen(function*() {
      const list = network(["a"])
      const added = yield* Cni.addNetworkList(list, c1)
      Object.assign(added.json, { ips: [] })
      yield* Cni.checkNetworkList(list, c1)
      assert.deepStrictEqual((yield* told("prevResult")).at(-1), `CHECK ${JSON.stringify(result(1))}`)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }))))

  it.effect("is an answer to VERSION, which is remembered as it was", () =>
    Effect.gen(function*() {
      const first = yield* Cni.getVersionInfo("a")
      Object.assign(first.supportedVersions, { 0: "9.9.9" })
      assert.deepStrictEqual((yield* Cni.getVersionInfo("a")).supportedVersions, ["1.0.0"])
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a VERSION"])
    }).pipe(
      Effect.provide(MemoryCni.layer({ a: { VERSION: { cniVersion: "1.0.0", supportedVersions: ["1.0.0"] } } }))
    ))

  it.effect("is a record of a listing, which shares nothing with the others", () =>
    Effect.gen(function*() {
      const list = network(["a"])
      for (const conf of [c1, c2]) yield* Cni.addNetworkList(list, conf)
      const [first, second] = yield* Cni.getCachedAttachments()
      first?.config.fill(0)
      assert.deepStrictEqual(second?.config, list.bytes)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: result(1) } }))))
})
