/** A cache directory that cannot be written: what can be known beforehand is known before any plugin runs. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, type CniServices } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryDirectory, writeFile, writePlugin } from "../../support/directory.ts"
import { c1, network } from "../../support/network.ts"

interface Host {
  readonly cacheDir: string
  readonly log: () => string
  readonly on: <A, E>(program: Effect.Effect<A, E, Cni | CniServices>) => Effect.Effect<A, E>
}

const host: Effect.Effect<Host, never, Scope.Scope> = Effect.map(temporaryDirectory, (directory) => {
  const log = Path.join(directory, "log")
  const bin = Path.join(directory, "bin")
  writePlugin(bin, "a", `echo $CNI_COMMAND >> ${log}; [ $CNI_COMMAND != ADD ] || echo '{"cniVersion":"1.0.0"}'`)
  const cacheDir = Path.join(directory, "cache")
  return {
    cacheDir,
    log: () => Fs.existsSync(log) ? Fs.readFileSync(log, "utf8") : "",
    on: Effect.provide(NodeCni.layer({ pluginPaths: [bin], cacheDir }))
  }
})

const net = network(["a"])

const mount = (directory: string, options: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      Fs.mkdirSync(directory, { recursive: true })
      return ChildProcess.spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", directory]).status === 0
    }),
    (isMounted) => Effect.sync(() => isMounted && ChildProcess.spawnSync("umount", [directory]))
  )

const entriesIn = (cacheDir: string) =>
  Fs.readdirSync(Path.join(cacheDir, "effect-cni", "journal"), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())

describe("ADD on a cache directory that cannot be written", () => {
  it.live("fails with CacheIoError before any plugin, where a file is in the place of a directory", () =>
    Effect.gen(function*() {
      const { cacheDir, log, on } = yield* host
      writeFile(cacheDir, "effect-cni", "")
      const error = yield* Effect.flip(on(Cni.addNetworkList(net, c1)))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.reason, "ENOTDIR")
      assert.strictEqual(log(), "")
    }))

  it.live("fails with InvalidRuntimeConf before any plugin, where the name is too long for a file", () =>
    Effect.gen(function*() {
      const { log, on } = yield* host
      const error = yield* Effect.flip(on(Cni.addNetworkList(net, { ...c1, containerId: "c".repeat(300) })))
      assert(error._tag === "InvalidRuntimeConf")
      assert.strictEqual(error.field, "containerId")
      assert.strictEqual(log(), "")
    }))

  it.live("fails with CacheIoError before any plugin, where it is read-only", ({ skip }) =>
    Effect.gen(function*() {
      const { cacheDir, log, on } = yield* host
      if (!(yield* mount(cacheDir, "ro"))) return skip("this takes the right to mount")
      const error = yield* Effect.flip(on(Cni.addNetworkList(net, c1)))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.reason, "EROFS")
      assert.strictEqual(log(), "")
    }))

  it.live("fails with CacheIoError before any plugin on a full disk; what is there can be deleted", ({ skip }) =>
    Effect.gen(function*() {
      const { cacheDir, log, on } = yield* host
      if (!(yield* mount(cacheDir, "size=64k"))) return skip("this takes the right to mount")
      yield* on(Cni.addNetworkList(net, c1))
      fill(cacheDir)
      const error = yield* Effect.flip(on(Cni.addNetworkList(net, { ...c1, containerId: "c2" })))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.reason, "ENOSPC")
      assert.strictEqual(log(), "ADD\n")
      yield* on(Cni.delNetworkList(net, c1))
      assert.strictEqual(log(), "ADD\nDEL\n")
      assert.deepStrictEqual(Fs.readdirSync(Path.join(cacheDir, "results")), [])
      assert.deepStrictEqual(entriesIn(cacheDir), [])
    }))

  it.live("undoes what a plugin did when the disk is full by the time of the record", ({ skip }) =>
    Effect.gen(function*() {
      const { cacheDir, log, on } = yield* host
      if (!(yield* mount(cacheDir, "size=64k"))) return skip("this takes the right to mount")
      const large = network(["a"], { comment: "x".repeat(60_000) })
      const small = { ...net, bytes: large.bytes }
      const error = yield* Effect.flip(on(Cni.addNetworkList(small, c1)))
      assert(error._tag === "CacheIoError")
      assert.strictEqual(error.reason, "ENOSPC")
      assert.strictEqual(log(), "ADD\nDEL\n")
      assert.deepStrictEqual(entriesIn(cacheDir), [])
      assert.deepStrictEqual(Fs.readdirSync(Path.join(cacheDir, "effect-cni", "drafts")), [])
    }))
})

const fill = (directory: string) => {
  const file = Fs.openSync(Path.join(directory, "ballast"), "w")
  try {
    for (;;) Fs.writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    assert.include(String(error), "ENOSPC")
  } finally {
    Fs.closeSync(file)
  }
}
