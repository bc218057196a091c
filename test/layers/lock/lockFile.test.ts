/** What the files of locks show: where they are, how they are swept, and what is in their place. */
import { assert, describe, it } from "@effect/vitest"
import { Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { holding, isFree } from "../../contract/AttachmentLock.contract.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import {
  bundleLockHolder,
  kindsIn,
  locksIn,
  mode,
  namesIn,
  otherHolds,
  otherProcess,
  ownerOf,
  placeOf
} from "../../support/locks.ts"

await bundleLockHolder()

describe("its files", () => {
  it.live("are for their owner only, and those of a container and of an owner go with them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* Effect.scoped(Effect.gen(function*() {
        const lock = yield* locksIn(directory)
        yield* lock.network("net", "shared")
        yield* lock.container("c1")
        yield* lock.owner
        const names = namesIn(placeOf(directory))
        assert.includeMembers(kindsIn(directory), ["container", "gate", "lease", "network"])
        assert.deepStrictEqual(names.map((name) => mode(`${placeOf(directory)}/${name}`)), names.map(() => "600"))
        assert.deepStrictEqual([`${directory}/effect-cni`, placeOf(directory)].map(mode), ["700", "700"])
      }))
      assert.deepStrictEqual(kindsIn(directory), ["gate", "network"])
      const lock = yield* locksIn(directory)
      const letGo = yield* holding(lock.container("c1"))
      const other = yield* otherProcess(directory, ["container:c1"])
      yield* other.says("asking")
      yield* letGo
      yield* other.says("holding")
      yield* other.ends
      assert.deepStrictEqual(kindsIn(directory), ["gate", "network"])
    }))

  it.live("stay in their directory, for any names", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const names = ["../../x", "/etc/passwd", "a/b", "..", "", "\0", "x".repeat(10_000), "\u{1F600}"]
      for (const name of names) {
        yield* lock.network(name, "exclusive")
        yield* lock.container(name)
        assert.isFalse(yield* isFree(lock.network(name, "shared")))
        assert.isFalse(yield* isFree(lock.container(name)))
      }
      assert.deepStrictEqual(namesIn(directory), ["effect-cni"])
      assert.deepStrictEqual(namesIn(`${directory}/effect-cni`), ["locks"])
      const containers = kindsIn(directory).filter((kind) => kind === "container")
      assert.isAtLeast(containers.length, names.length)
    }))

  it.live("are swept when no process holds them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      yield* lock.sweep
      assert.isTrue(yield* isFree(lock.network("left", "shared")))
      yield* lock.network("shared", "shared")
      assert.deepStrictEqual(kindsIn(directory), ["gate", "gate", "network", "network"])
      yield* lock.sweep
      assert.deepStrictEqual(kindsIn(directory), ["network"])
      assert.isFalse(yield* isFree(lock.network("shared", "exclusive")))
    }))

  it.live("are let go of when they cannot be removed", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const letGo = yield* holding(lock.container("c1"))
      const name = namesIn(placeOf(directory)).find((one) => one.startsWith("container-")) ?? ""
      const file = `${placeOf(directory)}/${name}`
      Fs.rmSync(file)
      Fs.mkdirSync(file)
      yield* letGo
      Fs.rmdirSync(file)
      assert.isTrue(yield* isFree(lock.container("c1")))
    }))

  it.live("are not made where a link leads", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const letGo = yield* holding(lock.container("c1"))
      const name = namesIn(placeOf(directory)).find((one) => one.startsWith("container-")) ?? ""
      yield* letGo
      Fs.symlinkSync(`${directory}/elsewhere`, `${placeOf(directory)}/${name}`)
      assert.isFalse(
        yield* Effect.isSuccess(Effect.provideService(
          Effect.scoped(lock.container("c1")),
          Tunables.LockWaitLimit,
          "30 millis"
        ))
      )
      assert.isFalse(Fs.existsSync(`${directory}/elsewhere`))
    }))

  it.live("are not what else is in the directory, and a sweep leaves that", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      writeFile(placeOf(directory), "README", "nothing to lock here")
      writeFile(placeOf(directory), "empty", "")
      writeFile(placeOf(directory), "more/README", "nothing to lock here")
      assert.isTrue(yield* isFree(lock.network("net", "shared")))
      yield* lock.sweep
      assert.deepStrictEqual(namesIn(placeOf(directory)), ["README", "empty", "more"])
    }))

  it.live("are swept when their holder was killed, and stay while they are held", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const locks = ["container:c1", "network:a:shared", "network:b:exclusive", "owner"]
      const other = yield* otherHolds(directory, ...locks)
      const owner = yield* lock.owner
      yield* lock.container("c2")
      yield* lock.sweep
      assert.deepStrictEqual(kindsIn(directory), ["container", "container", "lease", "lease", "network", "network"])
      for (const containerId of ["c1", "c2"]) assert.isFalse(yield* isFree(lock.container(containerId)))
      for (const network of ["a", "b"]) assert.isFalse(yield* isFree(lock.network(network, "exclusive")))
      assert.isTrue(yield* lock.isAlive(ownerOf(other)))
      yield* other.dies
      yield* lock.sweep
      assert.deepStrictEqual(kindsIn(directory), ["container", "lease"])
      assert.isTrue(yield* lock.isAlive(owner))
      assert.isFalse(yield* isFree(lock.container("c2")))
    }))

  it.live("have nothing in them, and none beside them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      yield* lock.container("c1")
      yield* lock.owner
      assert.deepStrictEqual(kindsIn(directory), ["container", "lease"])
      const sizes = namesIn(placeOf(directory)).map((name) => Fs.statSync(`${placeOf(directory)}/${name}`).size)
      assert.deepStrictEqual(sizes, [0, 0])
    }))
})
