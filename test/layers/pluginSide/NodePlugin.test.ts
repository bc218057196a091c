/** Plugins that are written with this library, as real processes, run by this library. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundledProgram } from "../../support/bundled.ts"
import { temporaryDirectory, writePlugin } from "../../support/directory.ts"
import { c1 } from "../../support/network.ts"

const scriptedPlugin = await bundledProgram(Path.join(import.meta.dirname, "../../support/scriptedPlugin.ts"))

const onHost = <A, E>(test: (directory: string) => Effect.Effect<A, E, NodeCni.Services>) =>
  Effect.flatMap(temporaryDirectory, (directory) => {
    Fs.symlinkSync(scriptedPlugin, Path.join(directory, "scripted"))
    const note = `echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_PATH" >> ${directory}/calls`
    writePlugin(directory, "ipam", `${note}\necho '{"ips":[{"version":"4","address":"10.9.0.2/16"}]}'`)
    const layer = NodeCni.layer({ pluginPaths: [directory], cacheDir: Path.join(directory, "cache") })
    return Effect.provide(test(directory), layer)
  })

const network = (...plugins: ReadonlyArray<object>) =>
  NetworkConfigList.fromText(JSON.stringify({
    cniVersion: "0.4.0",
    name: "net",
    plugins: plugins.map((plugin) => ({ type: "scripted", ...plugin }))
  }))

describe("a plugin on Node", () => {
  it.live("gives results in the version that is asked for, and refusals", () =>
    onHost(() =>
      Effect.gen(function*() {
        const list = yield* network({ script: { ADD: { ips: [{ address: "10.1.0.5/24" }] } } }, {})
        const added = yield* Cni.addNetworkList(list, c1)
        assert.deepStrictEqual(added.json["ips"], [{ version: "4", address: "10.1.0.5/24" }])
        yield* Cni.checkNetworkList(list, c1)
        const stubborn = yield* network({ script: { DEL: "not now" } })
        const error = yield* Effect.flip(Cni.delNetworkList(stubborn, c1))
        assert(error._tag === "PluginError")
        assert.deepStrictEqual([error.code, error.msg], [100, "not now"])
        yield* Cni.delNetworkList(list, c1)
      })
    ))

  it.live("delegates to a plugin of the same search path", () =>
    onHost((directory) =>
      Effect.gen(function*() {
        const list = yield* network({ delegate: "ipam" })
        const added = yield* Cni.addNetworkList(list, c1)
        assert.strictEqual(added.ips[0]?.address, "10.9.0.2/16")
        yield* Cni.checkNetworkList(list, c1)
        yield* Cni.delNetworkList(list, c1)
        const calls = Fs.readFileSync(`${directory}/calls`, "utf8").trim().split("\n")
        assert.deepStrictEqual(calls, ["ADD", "CHECK", "DEL"].map((command) => `${command} c1 ${directory}`))
        const missing = yield* Effect.flip(Cni.addNetworkList(yield* network({ delegate: "missing" }), c1))
        assert.include(missing.message, `no plugin "missing"`)
      })
    ))

  it.live("says which versions it speaks", () =>
    onHost(() =>
      Effect.gen(function*() {
        const { supportedVersions } = yield* Cni.getVersionInfo("scripted")
        assert.include(supportedVersions, "1.1.0")
      })
    ))
})
