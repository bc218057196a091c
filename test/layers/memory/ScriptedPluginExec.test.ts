import { assert, describe, it } from "@effect/vitest"
import { Cni, CniVersion, NetworkConfigList } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { network } from "../../support/network.ts"

const scripts: Readonly<Record<string, MemoryCni.PluginScript>> = {
  "no answers": {},
  "an answer to ADD": { ADD: {} },
  "the answers of one that adds nothing": MemoryCni.passThrough
}

describe("a scripted plugin", () => {
  it.effect.each(Object.keys(scripts))(
    "with %s says that it speaks every version that we speak",
    (name) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* Cni.getVersionInfo("a")).supportedVersions, CniVersion.supported)
        for (const cniVersion of CniVersion.supported) yield* Cni.validateNetworkList(network(["a"], { cniVersion }))
      }).pipe(Effect.provide(MemoryCni.layer({ a: scripts[name] ?? {} })))
  )

  it.effect("with an answer to VERSION says what it is scripted to say", () =>
    Effect.gen(function*() {
      const list = yield* NetworkConfigList.fromText(`{"cniVersion":"1.1.0","name":"net","plugins":[{"type":"a"}]}`)
      const error = yield* Effect.flip(Cni.validateNetworkList(list))
      assert(error._tag === "NetworkInvalid")
      assert.deepStrictEqual(error.failures.map(({ _tag }) => _tag), ["VersionNotSupported"])
    }).pipe(
      Effect.provide(MemoryCni.layer({ a: { VERSION: { cniVersion: "1.0.0", supportedVersions: ["1.0.0"] } } }))
    ))
})
