/** What every discovery of plugins must do, in memory and in directories; then what only directories can. */
import { assert, describe, it } from "@effect/vitest"
import { PluginDiscovery } from "effect-cni"
import { FileSystemPluginDiscovery } from "effect-cni/node"
import { MemoryPluginDiscovery } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import { makeFifo } from "../support/irregular.ts"

const inDirectories = FileSystemPluginDiscovery.layer

const contract = (
  name: string,
  world: (types: ReadonlyArray<string>) => Effect.Effect<Layer.Layer<PluginDiscovery>, never, Scope.Scope>
) =>
  describe(`PluginDiscovery (${name})`, () => {
    const find = (type: string) =>
      Effect.flatMap(world(["bridge", "portmap"]), (layer) =>
        Effect.provide(PluginDiscovery.use((discovery) => discovery.find(type)), layer))

    it.effect("finds a plugin by its type", () =>
      Effect.gen(function*() {
        assert.match(yield* find("portmap"), /\/portmap$/)
      }))

    it.effect("says which plugin it did not find, and where it looked", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(find("vlan"))
        assert(error._tag === "PluginNotFound")
        assert.strictEqual(error.plugin, "vlan")
        assert.strictEqual(error.searched.length, 1)
      }))

    it.effect("lists what is installed", () =>
      Effect.gen(function*() {
        const layer = yield* world(["portmap", "bridge"])
        const installed = yield* Effect.provide(
          PluginDiscovery.use((discovery) =>
            discovery.installed
          ),
          layer
        )
        assert.deepStrictEqual(
          installed.map(({ isExecutable, path, type }) => [type, isExecutable, path.endsWith(`/${type}`)]),
          [["bridge", true, true], ["portmap", true, true]]
        )
      }))

    it.effect.each(["", "../bridge", "/bin/sh", "a/b", "a\0b"])("refuses %j for a type", (type) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(find(type)))._tag, "InvalidPluginType")
      }))
  })

contract("memory", (types) => Effect.succeed(MemoryPluginDiscovery.layer(types)))

contract("directories", (types) =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const type of types) writePlugin(directory, type, "")
    return inDirectories([directory])
  }))

describe("PluginDiscovery in directories", () => {
  const find = (directories: ReadonlyArray<string>, type = "a") =>
    Effect.provide(PluginDiscovery.use((discovery) => discovery.find(type)), inDirectories(directories))

  it.effect("takes the first directory that has it, and ignores empty elements and what does not exist", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      writePlugin(`${directory}/two`, "a", "")
      writePlugin(`${directory}/three`, "a", "")
      const found = yield* find(["", `${directory}/one`, `${directory}/two`, `${directory}/three`])
      assert.strictEqual(found, `${directory}/two/a`)
    }))

  it.effect("passes over directories and files that may not be executed", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      Fs.mkdirSync(`${directory}/one/a`, { recursive: true })
      writeFile(`${directory}/two`, "a", "", 0o644)
      writePlugin(`${directory}/three`, "a", "")
      const all = ["one", "two", "three"].map((name) => `${directory}/${name}`)
      assert.strictEqual(yield* find(all), `${directory}/three/a`)
      const error = yield* Effect.flip(find(all.slice(0, 2)))
      assert(error._tag === "PluginNotExecutable")
      assert.strictEqual(error.path, `${directory}/two/a`)
      assert.strictEqual((yield* Effect.flip(find(all.slice(0, 1))))._tag, "PluginNotFound")
    }))

  it.effect("follows links, but not to nowhere", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      writePlugin(directory, "real", "")
      Fs.symlinkSync("real", `${directory}/a`)
      Fs.symlinkSync("nowhere", `${directory}/b`)
      assert.strictEqual(yield* find([directory]), `${directory}/a`)
      assert.strictEqual((yield* Effect.flip(find([directory], "b")))._tag, "PluginNotFound")
    }))

  it.effect("passes over what is no regular file, and says so where there is nothing better", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      makeFifo(`${directory}/one/a`)
      Fs.mkdirSync(`${directory}/two/a`, { recursive: true })
      Fs.mkdirSync(`${directory}/three`)
      Fs.symlinkSync("/nix/store/gone", `${directory}/three/a`)
      Fs.mkdirSync(`${directory}/four`)
      Fs.symlinkSync("/dev/zero", `${directory}/four/a`)
      Fs.mkdirSync(`${directory}/loop`)
      Fs.symlinkSync("a", `${directory}/loop/a`)
      writeFile(directory, "file", "")
      const all = ["one", "two", "three", "four", "loop", "file"].map((name) => `${directory}/${name}`)
      const error = yield* Effect.flip(find(all))
      assert(error._tag === "PluginNotFound")
      assert.deepStrictEqual(error.passedOver, [
        `${directory}/one/a is a FIFO, not a regular file`,
        `${directory}/two/a is a directory, not a regular file`,
        `${directory}/three/a is a link to /nix/store/gone, where there is no file`,
        `${directory}/four/a is a character device, not a regular file`,
        `${directory}/loop/a is a link to a: too many levels of symbolic links`,
        `${directory}/file/a cannot be looked at: not a directory`
      ])
      assert.include(error.message, "/one/a is a FIFO, not a regular file; ")
      writePlugin(`${directory}/five`, "a", "")
      assert.strictEqual(yield* find([...all, `${directory}/five`]), `${directory}/five/a`)
    }))

  it.effect("gives plugins the search path without empty elements, which would be our working directory", () =>
    Effect.gen(function*() {
      const path = yield* Effect.provide(
        PluginDiscovery.use(({ searchPath }) => Effect.succeed(searchPath)),
        inDirectories(["/a", "", "/b"])
      )
      assert.strictEqual(path, "/a:/b")
    }))
})
