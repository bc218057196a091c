/** The operations on real processes and real files: every error from its real cause, and interruption at every plugin. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, type CniError, CniResult, PluginConfig, PluginDiscovery, Tunables } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import { contentOf, isAlive, temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import { c1, network } from "../support/network.ts"

interface Host {
  readonly directory: string
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, NodeCni.Services>>
  /** What each plugin was called with, in order: `"a ADD"`. */
  readonly calls: () => ReadonlyArray<string>
  readonly plugin: (name: string, body: string) => string
}

/** A host with the plugins a, b and c, which note that they were called and then do what a test wants. */
const host: Effect.Effect<Host, never, Scope.Scope> = Effect.map(temporaryDirectory, (directory) => {
  const layer = NodeCni.layer({ pluginPaths: [`${directory}/bin`], cacheDir: `${directory}/cache` })
  const plugin = (name: string, body: string) =>
    writePlugin(`${directory}/bin`, name, `echo "${name} $CNI_COMMAND" >> ${directory}/calls\n${body}`)
  for (const name of ["a", "b", "c"]) plugin(name, "echo '{}'")
  return {
    directory,
    plugin,
    run: Effect.provide(layer),
    calls: () =>
      Fs.existsSync(`${directory}/calls`) ? Fs.readFileSync(`${directory}/calls`, "utf8").trim().split("\n") : []
  }
})

const chain = network(["a", "b", "c"])
const one = network(["a"])
const file = (directory: string) => `${directory}/cache/results/net-c1-eth0`
const onAdd = (body: string) => `[ $CNI_COMMAND = ADD ] && { ${body}; }; exit 0`

type Cause = (host: Host) => Effect.Effect<{ readonly _tag: string }, object | void, NodeCni.Services>

const add = (list: typeof chain = one, conf: Parameters<typeof Cni.addNetworkList>[1] = c1) =>
  Effect.flip(Cni.addNetworkList(list, conf))

const causes: { readonly [Tag in CniError.AttachFailure["_tag"] | OtherTag]: Cause } = {
  PluginError: ({ plugin }) => {
    plugin("a", onAdd(`echo '{"code":11,"msg":"busy"}'; exit 1`))
    return add()
  },
  PluginTimeout: ({ plugin }) => {
    plugin("a", onAdd("exec sleep 1000"))
    return Effect.provideService(add(), Tunables.PluginTimeLimit, (command) => command === "ADD" ? 200 : 20_000)
  },
  PluginSpawnFailed: ({ directory }) => {
    writeFile(`${directory}/bin`, "b", "no program", 0o755)
    return add(chain)
  },
  PluginOutputInvalid: ({ plugin }) => {
    plugin("a", "echo 'not json'")
    return add()
  },
  PluginNotFound: () => add(network(["nowhere"])),
  PluginNotExecutable: ({ directory }) => {
    Fs.chmodSync(`${directory}/bin/a`, 0o644)
    return add()
  },
  InvalidPluginType: () => add(network(["../bin/a"])),
  CheckNotSupported: () => Effect.flip(Cni.checkNetworkList(network(["a"], { cniVersion: "0.3.1" }), c1)),
  NotAttached: () => Effect.flip(Cni.checkNetworkList(one, c1)),
  CacheKindMismatch: ({ directory }) => {
    writeFile(`${directory}/cache/results`, "net-c1-eth0", `{"cniVersion":"1.0.0"}`)
    return Effect.flip(Cni.getNetworkListCachedConfig(one, c1))
  },
  CacheEntryInvalid: ({ directory }) => {
    writeFile(`${directory}/cache/results`, "net-c1-eth0", `{"kind":"cniCac`)
    return Effect.flip(Cni.checkNetworkList(one, c1))
  },
  CacheKeyCollision: () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(network(["a"], { name: "a-b" }), { ...c1, containerId: "c" })
      return yield* add(network(["a"], { name: "a" }), { ...c1, containerId: "b-c" })
    }),
  CacheIoError: ({ directory }) => {
    writeFile(directory, "cache", "not a directory")
    return add()
  },
  InvalidRuntimeConf: () => add(one, { ...c1, containerId: "../../c1" }),
  InvalidVersion: () => add(network(["a"], { cniVersion: "latest" })),
  ConfigInvalid: () => Effect.flip(PluginConfig.fromText("{")),
  ResultConversionError: () =>
    Effect.gen(function*() {
      const result = yield* Cni.addNetworkList(one, c1)
      return yield* Effect.flip(Effect.fromResult(CniResult.convert(result, "0.2.0")))
    }),
  RollbackFailed: ({ plugin }) => {
    plugin("a", "exit 1")
    return add()
  },
  VersionNotSupported: ({ plugin }) =>
    Effect.gen(function*() {
      plugin("a", `echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0"]}'`)
      return yield* Effect.flip(Cni.validateNetwork(yield* PluginConfig.fromText(`{"type":"a","cniVersion":"1.0.0"}`)))
    }),
  NetworkInvalid: () => Effect.flip(Cni.validateNetworkList(network(["nowhere"]))),
  GcIncomplete: ({ plugin }) =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(one, c1)
      plugin("a", "exit 1")
      return yield* Effect.flip(Cni.gcNetworkList(one, { keep: [] }))
    })
}

type OtherTag =
  | "PluginNotFound"
  | "PluginNotExecutable"
  | "InvalidPluginType"
  | "CheckNotSupported"
  | "NotAttached"
  | "CacheKindMismatch"
  | "CacheEntryInvalid"
  | "CacheKeyCollision"
  | "InvalidRuntimeConf"
  | "InvalidVersion"
  | "ConfigInvalid"
  | "ResultConversionError"
  | "RollbackFailed"
  | "VersionNotSupported"
  | "NetworkInvalid"
  | "GcIncomplete"

describe("every error, from its real cause", () => {
  for (const [tag, cause] of Object.entries(causes)) {
    it.live(tag, () =>
      Effect.gen(function*() {
        const here = yield* host
        const error = yield* here.run(cause(here))
        assert.strictEqual(error._tag, tag)
        assert(error instanceof Error)
        assert.isNotEmpty(error.message)
      }))
  }

  it.live("DetachIncomplete, in the log", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(String(message)))
    return Effect.gen(function*() {
      const { directory, plugin, run } = yield* host
      yield* run(Effect.scoped(Effect.gen(function*() {
        yield* Cni.attach(chain, c1)
        plugin("b", "exit 1")
      })))
      assert.match(lines.join("\n"), /is not fully detached.*plugin "b"/)
      assert.isTrue(Fs.existsSync(file(directory)))
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("a chain of real processes", () => {
  it.live("goes up and down, and is forgotten", () =>
    Effect.gen(function*() {
      const { calls, directory, run } = yield* host
      yield* run(Effect.gen(function*() {
        yield* Cni.addNetworkList(chain, c1)
        assert.isTrue(Fs.existsSync(file(directory)))
        yield* Cni.checkNetworkList(chain, c1)
        yield* Cni.delNetworkList(chain, c1)
      }))
      assert.deepStrictEqual(calls(), [
        "a ADD",
        "b ADD",
        "c ADD",
        "a CHECK",
        "b CHECK",
        "c CHECK",
        "c DEL",
        "b DEL",
        "a DEL"
      ])
      assert.isFalse(Fs.existsSync(file(directory)))
    }))

  it.live.each(["a", "b", "c"])(
    "interrupted in the middle of %s, is undone and its process has ended",
    (hanging) =>
      Effect.gen(function*() {
        const { calls, directory, plugin, run } = yield* host
        plugin(hanging, onAdd(`echo $$ > ${directory}/pid; exec sleep 1000`))
        const fiber = yield* Effect.forkChild(run(Cni.addNetworkList(chain, c1)))
        const pid = Number(yield* contentOf(`${directory}/pid`))
        yield* Fiber.interrupt(fiber)
        assert.isFalse(isAlive(pid))
        const started = ["a", "b", "c"].slice(0, ["a", "b", "c"].indexOf(hanging) + 1)
        assert.deepStrictEqual(calls(), [
          ...started.map((name) => `${name} ADD`),
          ...started.toReversed().map((name) => `${name} DEL`)
        ])
        assert.isFalse(Fs.existsSync(file(directory)))
      })
  )

  it.live.each<readonly [string, (cacheDir: string) => void]>([
    ["the cache directory was removed", (cacheDir) => Fs.rmSync(cacheDir, { recursive: true })],
    ["the cache directory was replaced by an empty one", (cacheDir) => {
      Fs.rmSync(cacheDir, { recursive: true })
      Fs.mkdirSync(`${cacheDir}/effect-cni/journal`, { recursive: true, mode: 0o700 })
    }],
    ["a file was put into the place of the cache directory", (cacheDir) => {
      Fs.rmSync(cacheDir, { recursive: true })
      Fs.writeFileSync(cacheDir, "")
    }],
    ["a file was put into the place of the journal", (cacheDir) => {
      Fs.rmSync(cacheDir, { recursive: true })
      Fs.mkdirSync(`${cacheDir}/effect-cni`, { recursive: true, mode: 0o700 })
      Fs.writeFileSync(`${cacheDir}/effect-cni/journal`, "")
    }],
    ["the journal was emptied, and the record is still there", (cacheDir) => {
      const journal = `${cacheDir}/effect-cni/journal`
      for (const shard of Fs.readdirSync(journal)) Fs.rmSync(`${journal}/${shard}`, { recursive: true })
    }]
  ])(
    "detaches at the end of its scope by what the scope knows, and warns, where %s",
    ([, change]) => {
      const lines: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
      return Effect.gen(function*() {
        const { calls, directory, plugin, run } = yield* host
        plugin("c", `[ $CNI_COMMAND = ADD ] && echo '{"ips":[{"address":"10.0.0.7/24"}]}' || cat > ${directory}/told`)
        yield* run(Effect.scoped(Effect.andThen(
          Cni.attach(chain, c1),
          Effect.sync(() => change(`${directory}/cache`))
        )))
        assert.deepStrictEqual(calls().slice(3), ["c DEL", "b DEL", "a DEL"])
        assert.include(
          Fs.readFileSync(`${directory}/told`, "utf8"),
          `"prevResult":{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.7/24"`
        )
        assert.match(lines.join("\n"), /^Warn the journal of container "c1" on network "net" was removed/m)
        assert.isFalse(Fs.existsSync(file(directory)))
      }).pipe(Effect.provide(Logger.layer([logger])))
    }
  )

  it.live("leaves alone at the end of its scope what was detached before, in the same cache directory", () =>
    Effect.gen(function*() {
      const { calls, run } = yield* host
      yield* run(Effect.scoped(Effect.andThen(Cni.attach(chain, c1), Cni.detach(chain, c1))))
      assert.deepStrictEqual(calls().slice(3), ["c DEL", "b DEL", "a DEL"])
    }))

  it.live("finds its directories in Config", () =>
    Effect.gen(function*() {
      const { directory } = yield* host
      const config = ConfigProvider.layer(ConfigProvider.fromUnknown({
        CNI_PATH: `${directory}/nowhere:${directory}/bin`,
        CNI_CACHE_DIR: `${directory}/elsewhere`
      }))
      yield* Effect.provide(Cni.addNetworkList(one, c1), Layer.provide(NodeCni.layerConfig, config))
      assert.isTrue(Fs.existsSync(`${directory}/elsewhere/results/net-c1-eth0`))
    }))

  it.effect("looks for plugins where releases and distributions put them, when CNI_PATH is not set", () =>
    Effect.gen(function*() {
      const config = ConfigProvider.layer(ConfigProvider.fromUnknown({}))
      const { searchPath } = yield* Effect.provide(PluginDiscovery, Layer.provide(NodeCni.layerConfig, config))
      assert.strictEqual(searchPath, "/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni")
    }))
})
