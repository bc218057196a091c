/** Runs the plugin beside this file as any runtime would: as an executable that is found by its type. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cni, PluginConfig } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-example-"))
Fs.symlinkSync(Path.join(import.meta.dirname, "tag.ts"), Path.join(directory, "tag"))

const c1 = { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }

const program = Effect.gen(function*() {
  const { supportedVersions } = yield* Cni.getVersionInfo("tag")
  yield* Console.log(`the plugin speaks ${supportedVersions.join(", ")}`)

  const plugin = yield* PluginConfig.fromText(
    `{"cniVersion":"1.0.0","name":"mynet","type":"tag","domain":"example.org"}`
  )
  const result = yield* Cni.addNetwork(plugin, c1)
  yield* Console.log(`ADD gives the search domains ${(result.dns.search ?? []).join(", ")}`)
  yield* Cni.checkNetwork(plugin, c1)
  yield* Cni.delNetwork(plugin, c1)

  const bare = yield* PluginConfig.fromText(`{"cniVersion":"1.0.0","name":"mynet","type":"tag"}`)
  const { message } = yield* Effect.flip(Cni.addNetwork(bare, c1))
  yield* Console.log(`without a domain: ${message}`)
}).pipe(
  Effect.provide(NodeCni.layer({ pluginPaths: [directory], cacheDir: Path.join(directory, "cache") })),
  Effect.ensuring(Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true })))
)

NodeRuntime.runMain(program)
