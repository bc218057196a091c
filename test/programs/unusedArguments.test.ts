import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, NetworkConfigList, PluginConfig, Tunables } from "effect-cni"
import { MemoryCni, type PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import { c1 } from "../support/network.ts"

const portmap = `{"type":"b","capabilities":{"portMappings":true,"bandwidth":true,"ips":false}}`
const text = `{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"a"},${portmap}]}`
const list = Effect.runSync(NetworkConfigList.fromText(text))
const typo = { ...c1, capabilityArgs: { portMapings: [{ hostPort: 80 }] } }
const ips = { ...c1, capabilityArgs: { ips: ["10.0.0.5/24"], bandwidth: { ingressRate: 1 } } }

const answers = [MemoryCni.fail({ code: 11, msg: "busy" }), {}] as const

const trying = Effect.provideService(Tunables.TryAgainRetry, Schedule.recurs(1))

/** Runs an effect in memory, and gives what it warned of beside what it gave. */
const warned = <A, E>(effect: Effect.Effect<A, E, MemoryCni.Services | PluginInvocations>) =>
  Effect.gen(function*() {
    const warnings: Array<string> = []
    const logger = Logger.layer([
      Logger.make(({ logLevel, message }) => void (logLevel === "Warn" && warnings.push(String(message))))
    ])
    const result = yield* trying(effect).pipe(
      Effect.provide(Layer.merge(MemoryCni.layer({ a: { ADD: answers }, b: {} }), logger))
    )
    return { result, warnings }
  })

const adding = Cni.addNetworkList(list, typo)

const withCompat = Effect.provideService(Tunables.Compat, "libcni")
const failing = Effect.provideService(Tunables.UnusedArguments, "fail")
const ignoring = Effect.provideService(Tunables.UnusedArguments, "ignore")

const near = `capability argument "portMapings" has no effect on network "net": ` +
  `no plugin's configuration declares it. Did you mean "portMappings"?`

describe("a capability argument that reaches no plugin", () => {
  it.effect("is warned of by ADD, with the capability that may have been meant", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* warned(Cni.addNetworkList(list, typo))).warnings, [near])
      assert.deepStrictEqual((yield* warned(Effect.scoped(Cni.attach(list, typo)))).warnings, [near])
    }))

  it.effect("is warned of with what is declared and what to add, where no capability has a name like it", () =>
    Effect.gen(function*() {
      const { warnings } = yield* warned(Cni.addNetworkList(list, ips))
      assert.deepStrictEqual(warnings, [
        `capability argument "ips" has no effect on network "net": no plugin's configuration declares it. Declared are ` +
        `"bandwidth", "portMappings". Add "capabilities": {"ips": true} to the plugin that is to get it`
      ])
      const plugin = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"net","type":"a"}`)
      assert.deepStrictEqual((yield* warned(Cni.addNetwork(plugin, typo))).warnings, [
        `capability argument "portMapings" has no effect on network "net": no plugin's configuration declares it. ` +
        `Add "capabilities": {"portMapings": true} to the plugin that is to get it`
      ])
    }))

  it.effect("is warned of once for each, however often the ADD is tried", () =>
    Effect.gen(function*() {
      const conf = { ...c1, capabilityArgs: { ips: ["10.0.0.5/24"], x: 1, mac: "c2:11:22:33:44:55" } }
      const { result, warnings } = yield* warned(
        Effect.andThen(Cni.addNetworkList(list, conf), MemoryCni.invocations)
      )
      assert.deepStrictEqual(result, ["a ADD", "a DEL", "a ADD", "b ADD"])
      assert.deepStrictEqual(warnings.map((warning) => warning.split("\"")[1]), ["ips", "x", "mac"])
    }))

  it.effect("refuses the ADD before anything is run or written, where that is chosen", () =>
    Effect.gen(function*() {
      for (const add of [Effect.asVoid(adding), Effect.asVoid(Effect.scoped(Cni.attach(list, typo)))]) {
        const { result, warnings } = yield* warned(
          Effect.gen(function*() {
            const error = yield* Effect.flip(failing(add))
            const journal = yield* AttachmentJournal.use((service) => service.list())
            return { error, journal: journal.entries, records: yield* Cni.getCachedAttachments() }
          })
        )
        const { error, journal, records } = result
        assert(error._tag === "InvalidRuntimeConf")
        assert.deepStrictEqual([error.field, error.value], ["capabilityArgs", "portMapings"])
        assert.include(error.message, `Did you mean "portMappings"?`)
        assert.deepStrictEqual([journal, records, warnings], [[], [], []])
      }
    }))

  it.effect("is nothing to speak of where that is chosen, and in libcni's way", () =>
    Effect.gen(function*() {
      for (const quiet of [ignoring, withCompat, (effect: typeof adding) => failing(withCompat(effect))]) {
        assert.deepStrictEqual((yield* warned(quiet(adding))).warnings, [])
      }
    }))

  it.effect("concerns neither what a plugin is given, nor what says nothing, nor other operations than ADD", () =>
    Effect.gen(function*() {
      const empty = { ips: [], mac: "", dns: {}, x: null }
      const conf = { ...c1, capabilityArgs: { ...empty, portMappings: [{ hostPort: 80 }] } }
      const { warnings } = yield* warned(
        failing(Effect.gen(function*() {
          yield* Cni.addNetworkList(list, conf)
          yield* Cni.checkNetworkList(list, typo)
          yield* Cni.delNetworkList(list, typo)
          yield* Cni.detach(list, typo)
        }))
      )
      assert.deepStrictEqual(warnings, [])
    }))

  it.effect("comes after what is wrong with the network", () =>
    Effect.gen(function*() {
      const none = yield* NetworkConfigList.fromText(`{"cniVersion":"1.0.0","name":"net"}`)
      const { result } = yield* warned(Effect.flip(failing(Cni.addNetworkList(none, typo))))
      assert.strictEqual(result._tag, "ConfigInvalid")
    }))
})
