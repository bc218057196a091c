/** What Go's libcni attaches we check and detach, and the other way round: with plugins that tell, and with real ones. */
import { assert, describe, it, layer } from "@effect/vitest"
import { AttachmentKey, type Json } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  bridgePlugin,
  configuration,
  mention,
  missingForRealPlugins,
  noTraces,
  run,
  scratchContainer,
  scratchNetwork,
  traces
} from "../integration/support.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import { Libcni, missingForLibcni, OperationFailed, ours, type Place, type Runtime } from "./runtimes.ts"

const missing = [...missingForLibcni, ...missingForRealPlugins]

it("has libcni to compare with", ({ skip }) => mention(missingForLibcni, skip))
it("has libcni and the reference plugins", ({ skip }) => mention(missing, skip))

const runtimes = Effect.map(Libcni, (libcni) => ({ libcni, "effect-cni": ours }))
const pairs = [
  { adder: "libcni", other: "effect-cni" },
  { adder: "effect-cni", other: "libcni" }
] as const

const withLibcni = layer(Libcni.layer, { excludeTestServices: true, timeout: "5 minutes" })

describe.skipIf(missingForLibcni.length > 0)("libcni and this library", () => {
  withLibcni((it) => {
    it.effect("write the same record, byte for byte", () =>
      Effect.gen(function*() {
        const { libcni } = yield* runtimes
        const place = yield* tellingPlugins(result)
        // libcni keeps the namespace since 1.2 only.
        const detached = { ...place, conf: { ...place.conf, netns: "" } }
        assert.strictEqual(yield* recordOf(ours, detached), yield* recordOf(libcni, detached))
        const netns = `,"netns":"${place.conf.netns}"`
        const record = yield* recordOf(ours, place)
        assert.include(record, netns)
        assert.strictEqual(record.replace(netns, ""), yield* recordOf(libcni, place))
      }))

    it.effect("write the same record of a result without dns, but for the empty dns of old versions of libcni", () =>
      Effect.gen(function*() {
        const { libcni } = yield* runtimes
        const { dns: _, ...withoutDns } = result
        const place = yield* tellingPlugins(withoutDns)
        const detached = { ...place, conf: { ...place.conf, netns: "" } }
        const record = yield* recordOf(libcni, detached)
        assert.include(record, `"dns":{},`)
        assert.strictEqual(yield* recordOf(ours, detached), record.replace(`"dns":{},`, ""))
      }))

    it.effect.each(pairs)(
      "tell plugins the same when $adder attaches and $other goes on",
      ({ adder, other }) =>
        Effect.gen(function*() {
          const { [adder]: first, [other]: second, libcni } = yield* runtimes
          const place = yield* tellingPlugins(result)
          const told = yield* lifeOf(place, libcni, libcni)
          assert.deepStrictEqual(told.map(({ command, plugin }) => `${command} ${plugin}`), [
            "ADD one",
            "ADD two",
            "CHECK one",
            "CHECK two",
            "DEL two",
            "DEL one"
          ])
          assert.deepInclude(told[5]?.config, { prevResult: result })
          assert.deepStrictEqual(yield* lifeOf(place, first, second), told)
          assert.isFalse(Fs.existsSync(recordFile(place)))
        })
    )

    it.effect.each(pairs)("agree on the result that $adder stored", ({ adder, other }) =>
      Effect.gen(function*() {
        const { [adder]: first, [other]: second } = yield* runtimes
        const place = yield* tellingPlugins(result)
        const added = yield* first.add(place)
        assert.deepStrictEqual(added.json, result)
        assert.deepStrictEqual(yield* second.storedResult(place), added)
      }))
  })
})

describe.skipIf(missing.length > 0)("libcni and this library on a real bridge", () => {
  withLibcni((it) => {
    it.effect.each(pairs)(
      "$other checks and detaches what $adder attached",
      ({ adder, other }) =>
        Effect.gen(function*() {
          const { [adder]: first, [other]: second } = yield* runtimes
          const network = yield* scratchNetwork
          const container = yield* scratchContainer(network)
          const text = configuration(network, [bridgePlugin(network)])
          const place = { ...network, conf: container.conf, configuration: text }
          const { ips } = yield* first.add(place)
          assert.strictEqual(traces(network, container).records.length, 1)
          assert.deepStrictEqual((yield* second.storedResult(place)).ips, ips)
          yield* second.check(place)
          run("ip", "-n", container.namespace, "route", "del", "default")
          assert.instanceOf(yield* Effect.flip(second.check(place)), OperationFailed)
          yield* second.del(place)
          assert.deepStrictEqual(traces(network, container), noTraces)
        })
    )
  })
})

const result = {
  cniVersion: "1.0.0",
  interfaces: [{ name: "br0", mac: "5e:29:0c:f1:7b:11" }, { name: "eth0", sandbox: "/run/netns/<none>" }],
  ips: [
    { interface: 1, address: "10.1.2.3/24", gateway: "10.1.2.1" },
    { interface: 1, address: "fd00::5/64" }
  ],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "10.5.0.0/16", gw: "10.1.2.254" }],
  dns: { nameservers: ["10.1.2.1"], domain: "<a&b>.example", search: ["example"], options: ["ndots:5"] }
}

/** A chain of two plugins that write down what they are told, and a container with arguments of every kind for it. */
const tellingPlugins = (answer: Json.JsonObject): Effect.Effect<Place, never, Scope.Scope> =>
  Effect.map(temporaryDirectory, (directory) => {
    const plugins = Path.join(directory, "plugins")
    const answerFile = writeFile(directory, "answer", JSON.stringify(answer))
    for (const name of ["one", "two"]) {
      writePlugin(
        plugins,
        name,
        `{ printf '%s\\t' "$CNI_COMMAND" ${name} "$CNI_CONTAINERID $CNI_NETNS $CNI_IFNAME $CNI_ARGS $CNI_PATH"
           cat
           echo
         } >> ${logFile(directory)}
         [ "$CNI_COMMAND" != ADD ] || cat ${answerFile}`
      )
    }
    return {
      directory,
      configuration: chainText,
      pluginPaths: [plugins],
      cacheDir: Path.join(directory, "cache"),
      conf: {
        containerId: "c1",
        netns: "/run/netns/c1",
        ifName: "eth0",
        args: [["IgnoreUnknown", "1"], ["HTML", "<b>&\u2028</b>"], ["NAME", "Zoë 🐈"]],
        capabilityArgs: {
          portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp", note: "<&>" }],
          aliases: { "<net>": ["a&b", "c\u2029d", "\"quoted\"\\\n"], "": {}, "Z": [], "é": { z: null, a: [[{}]] } },
          numbers: [0.5, 1e-7, 1e21, 123456789, -1],
          undeclared: true
        }
      }
    }
  })

const chainText = `{
  "name": "interop", "cniVersion": "1.0.0",
  "plugins": [
    {
      "type": "one", "capabilities": { "portMappings": true, "numbers": false },
      "vendor": { "html": "<a href='?x=1&y=2'>", "deep": { "b": [1, { "c": null }], "a": 0.25 } }
    },
    { "type": "two", "name": "mine", "cniVersion": "0.4.0", "capabilities": { "aliases": true, "numbers": true } }
  ]
}
`

const logFile = (directory: string): string => Path.join(directory, "log")

const recordFile = ({ cacheDir, conf }: Place): string =>
  Path.join(cacheDir, "results", AttachmentKey.fileName({ ...conf, network: "interop" }))

/** The record that a runtime makes of an attachment. */
const recordOf = (runtime: Runtime, place: Place): Effect.Effect<string, OperationFailed> =>
  Effect.gen(function*() {
    yield* runtime.add(place)
    const record = Fs.readFileSync(recordFile(place), "utf8")
    yield* runtime.del(place)
    return record
  })

/** What plugins are told of an attachment that one runtime makes and another one checks and ends. */
const lifeOf = (place: Place, adder: Runtime, other: Runtime) =>
  Effect.gen(function*() {
    Fs.rmSync(logFile(place.directory), { force: true })
    yield* adder.add(place)
    yield* other.check(place)
    yield* other.del(place)
    return Fs.readFileSync(logFile(place.directory), "utf8").trim().split("\n").map((line) => {
      const [command = "", plugin = "", environment = "", config = ""] = line.split("\t")
      return { command, plugin, environment, config: readObject(config) }
    })
  })

const readObject = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))
