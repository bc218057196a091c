/** What every source of configured networks must do, in memory and in a directory; then what only directories can. */
import { assert, describe, it, vi } from "@effect/vitest"
import { CniError, NetworkConfigs } from "effect-cni"
import { FileSystemNetworkConfigs } from "effect-cni/node"
import { MemoryNetworkConfigs } from "effect-cni/testing"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import NodeFs, * as Fs from "node:fs"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { irregular } from "../support/irregular.ts"
import { spied } from "../support/spied.ts"

const list = (name: string, ...types: ReadonlyArray<string>) =>
  JSON.stringify({ cniVersion: "1.0.0", name, plugins: types.map((type) => ({ type })) })
const single = (name: string, type: string) => JSON.stringify({ cniVersion: "0.4.0", name, type })

type Files = Readonly<Record<string, string>>

const contract = (
  source: string,
  world: (files: Files) => Effect.Effect<Layer.Layer<NetworkConfigs>, never, Scope.Scope>
) =>
  describe(`NetworkConfigs (${source})`, () => {
    const test = <A, E>(
      title: string,
      files: Files,
      body: (configs: NetworkConfigs["Service"]) => Effect.Effect<A, E>
    ) =>
      it.effect(title, () => Effect.flatMap(world(files), (layer) => Effect.provide(NetworkConfigs.use(body), layer)))

    const typesOf = (configs: NetworkConfigs["Service"], name: string) =>
      Effect.map(configs.load(name), ({ plugins }) => plugins.map(({ type }) => type))

    test("takes the first file whose network has the name, in the order of the names", {
      "20-b.conflist": list("net", "second"),
      "10-a.conflist": list("net", "first"),
      "05-c.conflist": list("other", "x"),
      "00-d.txt": list("net", "not a configuration")
    }, (configs) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* typesOf(configs, "net"), ["first"])
        assert.deepStrictEqual((yield* configs.all).duplicates.map(({ name }) => name), ["net"])
      }))

    test("reads the network in a file, with its drop-ins", {
      "20.conflist": list("net", "a"),
      "net/10.conf": JSON.stringify({ type: "b" }),
      "30.conf": single("one", "c"),
      "40.conf": single("no name/", "c")
    }, (configs) =>
      Effect.gen(function*() {
        const [first, second, broken] = (yield* configs.all).networks.map(({ file }) => file)
        assert.strictEqual(broken, undefined)
        assert.deepStrictEqual((yield* configs.inFile(first ?? "")).plugins.map(({ type }) => type), ["a", "b"])
        assert.deepStrictEqual((yield* configs.inFile(second ?? "")).name, "one")
        const missing = yield* Effect.flip(configs.inFile(`${first}x.conflist`))
        assert.strictEqual(missing.reason, "there is no such file")
        const [invalid] = (yield* configs.all).broken
        assert.deepStrictEqual([invalid?.at, invalid?.position?.column], ["name", 30])
      }))

    test("takes lists before single plugins, which become lists", {
      "10.conf": single("net", "from conf"),
      "20.conflist": list("net", "from conflist"),
      "30.json": single("lo", "loopback"),
      ".conf": single("hidden", "x")
    }, (configs) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* typesOf(configs, "net"), ["from conflist"])
        assert.deepStrictEqual(yield* typesOf(configs, "lo"), ["loopback"])
        assert.deepStrictEqual(yield* typesOf(configs, "hidden"), ["x"])
        assert.strictEqual((yield* configs.loadPlugin("net")).type, "from conf")
      }))

    test("appends the drop-ins of a network, unless they are not wanted", {
      "net.conflist": list("net", "a"),
      "net/20.conf": `{"type":"c"}`,
      "net/10.conf": `{"type":"b"}`,
      "net/30.json": `{"type":"d"}`,
      "only.conflist": `{"name":"only","loadOnlyInlinedPlugins":true,"plugins":[{"type":"a"}]}`,
      "only/10.conf": `{"type":"b"}`,
      "bare.conflist": `{"name":"bare"}`,
      "bare/10.conf": `{"type":"b"}`
    }, (configs) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* typesOf(configs, "net"), ["a", "b", "c"])
        assert.deepStrictEqual(yield* typesOf(configs, "only"), ["a"])
        assert.deepStrictEqual(yield* typesOf(configs, "bare"), ["b"])
      }))

    test("does not let a broken file hide a good one", {
      "00.conflist": "{",
      "10.conflist": list("net", "a"),
      "20.conflist": `{"name":"empty"}`,
      "30.conflist": list("../../etc", "a")
    }, (configs) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* typesOf(configs, "net"), ["a"])
        const error = yield* Effect.flip(configs.load("missing"))
        assert(error._tag === "ConfigInvalid")
        assert.match(error.file ?? "", /00\.conflist$/)
        const { broken, networks } = yield* configs.all
        assert.deepStrictEqual(networks.map((network) => network.list.name), ["net"])
        assert.deepStrictEqual(broken.map(({ at }) => at), ["", "plugins", "name"])
        assert.include(broken[2]?.message, "30.conflist is not valid at name")
      }))

    test(
      "says which networks there are",
      { "a.conflist": list("blue", "a"), "b.conf": single("red", "a") },
      (configs) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(configs.load("green"))
          assert(error._tag === "NetworkNotFound")
          assert.include(error.message, `there are "blue", "red"`)
        })
    )

    test("says that there are none", { "readme.txt": "" }, (configs) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(configs.load("net")))._tag, "NoNetworkConfigs")
        assert.strictEqual((yield* Effect.flip(configs.loadPlugin("net")))._tag, "NoNetworkConfigs")
        assert.deepStrictEqual(yield* configs.all, { networks: [], broken: [], duplicates: [] })
      }))
  })

contract("memory", (files) => Effect.succeed(MemoryNetworkConfigs.layer(files)))

const written = (files: Files) =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const [name, text] of Object.entries(files)) writeFile(directory, name, text)
    return directory
  })

contract(
  "directory",
  (files) => Effect.map(written(files), (directory) => FileSystemNetworkConfigs.layer(directory))
)

describe("NetworkConfigs in a directory", () => {
  const load = (directory: string, name: string) =>
    Effect.provide(NetworkConfigs.load(name), FileSystemNetworkConfigs.layer(directory))

  it.effect("follows links, passes over directories, and takes a missing directory for an empty one", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "elsewhere/real": list("net", "a") })
      Fs.mkdirSync(`${directory}/conf/00.conflist`, { recursive: true })
      Fs.symlinkSync("../elsewhere/real", `${directory}/conf/10.conflist`)
      assert.strictEqual((yield* load(`${directory}/conf`, "net")).name, "net")
      assert.strictEqual((yield* Effect.flip(load(`${directory}/nowhere`, "net")))._tag, "NoNetworkConfigs")
    }))

  it.effect("says when the directory is none, or a file cannot be read", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "file": "", "conf/x": "" })
      const error = yield* Effect.flip(load(`${directory}/file`, "net"))
      assert(error._tag === "ConfigInvalid")
      assert.strictEqual(error.file, `${directory}/file`)
      Fs.symlinkSync(directory, `${directory}/conf/10.conflist`)
      assert.strictEqual((yield* Effect.flip(load(`${directory}/conf`, "net")))._tag, "ConfigInvalid")
    }))

  it.live.each(irregular)(
    "opens nothing for which %s was put, and says so",
    ([, make, issue]) =>
      Effect.gen(function*() {
        const directory = yield* written({ "20.conflist": list("net", "a") })
        yield* make(`${directory}/10.conflist`)
        const configs = FileSystemNetworkConfigs.layer(directory)
        assert.strictEqual((yield* load(directory, "net")).name, "net")
        const error = yield* Effect.flip(load(directory, "other"))
        assert(error._tag === "ConfigInvalid")
        assert.strictEqual(error.file, `${directory}/10.conflist`)
        assert.match(error.reason, issue)
        const { broken, networks } = yield* Effect.provide(NetworkConfigs.use(({ all }) => all), configs)
        assert.deepStrictEqual([broken.length, networks.length], [1, 1])
        assert.match((yield* Effect.flip(FileSystemNetworkConfigs.fromFile(`${directory}/10.conflist`))).reason, issue)
        Fs.mkdirSync(`${directory}/net`)
        yield* make(`${directory}/net/10.conf`)
        const dropIn = yield* Effect.flip(load(directory, "net"))
        assert.include(dropIn.message, `${directory}/`)
      })
  )

  const reasonOf = (directory: string) =>
    Effect.map(Effect.flip(load(directory, "net")), (error) => error._tag === "ConfigInvalid" ? error.reason : error)

  it.effect("says of a link where it leads, and why that is no file", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "file": "" })
      for (
        const [target, reason] of [
          ["/nowhere/10.conflist", "it is a link to /nowhere/10.conflist: no such file or directory"],
          ["10.conflist", "it cannot be read: too many levels of symbolic links"],
          [".", "it cannot be read: is a directory"],
          ["file/below", "it cannot be read: not a directory"],
          ["x".repeat(256), "it cannot be read: file name too long"],
          ["/dev/zero", "it is a character device, not a regular file"]
        ] as const
      ) {
        Fs.symlinkSync(target, `${directory}/10.conflist`)
        assert.strictEqual(yield* reasonOf(directory), reason)
        const named = yield* Effect.flip(FileSystemNetworkConfigs.fromFile(`${directory}/10.conflist`))
        assert.strictEqual(named.reason, reason)
        const [, words] = /: (.*)$/.exec(reason) ?? []
        if (words !== undefined) assert.match(CniError.format(named, { dialect: "libcni" }), new RegExp(`: ${words}$`))
        Fs.rmSync(`${directory}/10.conflist`)
      }
    }))

  it.effect("says that a file may not be read", ({ skip }) =>
    Effect.gen(function*() {
      if (process.getuid?.() === 0) return skip("this takes an ordinary user")
      const directory = yield* written({ "10.conflist": list("net", "a") })
      Fs.chmodSync(`${directory}/10.conflist`, 0)
      assert.strictEqual(yield* reasonOf(directory), "it cannot be read: permission denied")
    }))

  it.effect("says what there is where drop-ins are looked for", () =>
    Effect.gen(function*() {
      const directory = yield* written({
        "10.conflist": list("net", "a"),
        "net": "",
        "20.conflist": list("other", "a")
      })
      const expected = `its drop-ins are looked for in ${directory}/net: it cannot be listed: `
      assert.strictEqual(yield* reasonOf(directory), `${expected}not a directory`)
      assert.strictEqual((yield* load(directory, "other")).name, "other")
      Fs.rmSync(`${directory}/net`)
      Fs.symlinkSync("net", `${directory}/net`)
      assert.strictEqual(yield* reasonOf(directory), `${expected}too many levels of symbolic links`)
      Fs.rmSync(`${directory}/net`)
      Fs.symlinkSync("nowhere", `${directory}/net`)
      assert.strictEqual((yield* load(directory, "net")).plugins.length, 1)
    }))

  it.effect("finds files whose names are no UTF-8, in the order of their bytes, and by what is shown of them", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "10-é.conflist": list("net", "second") })
      const bytes = (text: string) => Buffer.from(`${directory}/${text}`, "latin1")
      Fs.writeFileSync(bytes("10-\xc3.conflist"), list("net", "first"))
      Fs.mkdirSync(bytes("net"))
      Fs.writeFileSync(bytes("net/\xff.conf"), `{"type":"dropped in"}`)
      const found = yield* load(directory, "net")
      assert.deepStrictEqual(found.plugins.map(({ type }) => type), ["first", "dropped in"])
      const { duplicates, networks } = yield* Effect.provide(
        NetworkConfigs.use(({ all }) => all),
        FileSystemNetworkConfigs.layer(directory)
      )
      assert.deepStrictEqual(networks.map(({ file }) => file), [`${directory}/10-\\xc3.conflist`])
      assert.deepStrictEqual(duplicates.map(({ file }) => file), [`${directory}/10-é.conflist`])
      for (const name of ["10-\\xc3.conflist", "10-\uFFFD.conflist"]) {
        assert.strictEqual((yield* FileSystemNetworkConfigs.fromFile(`${directory}/${name}`)).plugins.length, 2)
      }
    }))

  it.effect("passes over files that vanish while they are being read", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "10.conflist": list("gone", "a"), "20.conflist": list("net", "a") })
      const { statSync } = Fs
      yield* spied(() =>
        vi.spyOn(NodeFs, "statSync").mockImplementation((...args) => {
          if (String(args[0]).endsWith("10.conflist")) Fs.rmSync(args[0], { force: true })
          return statSync(...args)
        })
      )
      const error = yield* Effect.flip(load(directory, "gone"))
      assert.strictEqual(error._tag, "NetworkNotFound")
    }))

  it.effect("is named by NETCONFPATH", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "10.conflist": list("net", "a") })
      const config = ConfigProvider.layer(ConfigProvider.fromUnknown({ NETCONFPATH: directory }))
      const configs = FileSystemNetworkConfigs.layerConfig.pipe(Layer.provide(config))
      assert.strictEqual((yield* Effect.provide(NetworkConfigs.load("net"), configs)).name, "net")
    }))

  it.effect("gives single files too", () =>
    Effect.gen(function*() {
      const directory = yield* written({ "10.conflist": list("net", "a"), "net/10.conf": `{"type":"b"}` })
      const configured = yield* FileSystemNetworkConfigs.fromFile(`${directory}/10.conflist`)
      assert.strictEqual(configured.plugins.length, 2)
      const missing = yield* Effect.flip(FileSystemNetworkConfigs.fromFile(`${directory}/20.conflist`))
      assert.include(missing.message, "no such file")
      const worded = (error: CniError.ConfigInvalid) => CniError.format(error, { dialect: "libcni" })
      assert.strictEqual(
        worded(missing),
        `error reading ${directory}/20.conflist: open ${directory}/20.conflist: no such file or directory`
      )
      const unreadable = yield* Effect.flip(FileSystemNetworkConfigs.fromFile(directory))
      assert.strictEqual(worded(unreadable), `error reading ${directory}: read ${directory}: is a directory`)
      assert.deepStrictEqual(yield* FileSystemNetworkConfigs.configFiles(directory, [".conflist"]), [
        `${directory}/10.conflist`
      ])
    }))
})
