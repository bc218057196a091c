/** What only other processes show: locks between them and us. */
import { assert, describe, it } from "@effect/vitest"
import type { AttachmentLock } from "effect-cni"
import { Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Asking } from "../../contract/AttachmentLock.contract.ts"
import { holding, isFree } from "../../contract/AttachmentLock.contract.ts"
import { temporaryDirectory, until, writeFile } from "../../support/directory.ts"
import {
  bundleLockHolder,
  freeElsewhere,
  locksIn,
  namesIn,
  otherHolds,
  otherProcess,
  placeOf
} from "../../support/locks.ts"

await bundleLockHolder()

describe("another process", () => {
  it.live("is kept from a container that we hold, and we from one that it holds", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const letGo = yield* holding(lock.container("c1"))
      assert.deepStrictEqual(yield* freeElsewhere(directory, "container:c1", "container:c2"), ["container:c2"])
      yield* letGo
      const other = yield* otherHolds(directory, "container:c1")
      assert.isFalse(yield* isFree(lock.container("c1")))
      assert.isTrue(yield* isFree(lock.container("c2")))
      yield* other.ends
      assert.isTrue(yield* isFree(lock.container("c1")))
    }))

  it.live("shares a network with us, and neither of us has it alone meanwhile", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const first = yield* holding(lock.network("net", "shared"))
      const second = yield* holding(lock.network("net", "shared"))
      const other = yield* otherHolds(directory, "network:net:shared")
      assert.isTrue(yield* isFree(lock.network("net", "shared")))
      yield* first
      assert.deepStrictEqual(yield* freeElsewhere(directory, "network:net:exclusive"), [])
      yield* second
      assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
      yield* other.ends
      assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
    }))

  it.live("is alone with a network, and so are we", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const letGo = yield* holding(lock.network("net", "exclusive"))
      const wanted = ["network:net:shared", "network:net2:exclusive"]
      assert.deepStrictEqual(yield* freeElsewhere(directory, ...wanted), ["network:net2:exclusive"])
      yield* letGo
      yield* otherHolds(directory, "network:net:exclusive")
      assert.isFalse(yield* isFree(lock.network("net", "shared")))
      assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
      assert.isTrue(yield* isFree(lock.network("net2", "exclusive")))
    }))

  it.live("gets what it waits for when we let go, and we when it does", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      for (const [asking, wanted] of askings(lock)) {
        const letGo = yield* holding(asking)
        const other = yield* otherProcess(directory, [wanted])
        yield* other.says("asking")
        yield* letGo
        yield* other.says("holding")
        const waiting = yield* Effect.forkChild(holding(asking), { startImmediately: true })
        yield* other.ends
        yield* yield* Fiber.join(waiting)
      }
    }))

  const askings = (lock: AttachmentLock["Service"]): ReadonlyArray<readonly [Asking, string]> => [
    [lock.container("c1"), "container:c1"],
    [lock.network("net", "exclusive"), "network:net:exclusive"],
    [lock.network("net", "shared"), "network:net:exclusive"]
  ]

  it.live("is never in a container with another, however often they change", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const fighters = yield* Effect.all([1, 2, 3].map(() => otherHolds(directory, "fight:c1")))
      const rounds = () => fighters.map(({ lines }) => lines().filter((line) => line === "alone").length)
      const isOver = () => fighters.some(({ lines }) => lines().includes("overlap"))
      yield* until(() => isOver() || rounds().every((round) => round > 100))
      assert.isFalse(isOver())
    }))

  it.live("whose operations share a network in turns without end does not starve a GC of ours", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const other = yield* otherHolds(directory, "churn:net")
      const sharing = () => other.lines().reduce((sum, line) => sum + (line === "+" ? 1 : line === "-" ? -1 : 0), 0)
      yield* until(() => sharing() > 1)
      const letGo = yield* Effect.provideService(
        holding(lock.network("net", "exclusive")),
        Tunables.LockWaitLimit,
        "40 seconds"
      )
      yield* until(() => sharing() === 0)
      const before = other.lines().length
      yield* letGo
      yield* until(() => other.lines().length > before && sharing() > 1)
    }))

  it.live("is named by who has waited for it too long", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const other = yield* otherHolds(directory, "container:c1", "network:net:shared")
      yield* lock.network("net", "shared")
      const refused = (asking: Asking) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(
            Effect.provideService(Effect.asVoid(holding(asking)), Tunables.LockWaitLimit, "30 millis")
          )
          assert(error._tag === "LockTimeout")
          return error
        })
      const container = yield* refused(lock.container("c1"))
      assert.deepStrictEqual([container.network, container.containerId], ["", "c1"])
      assert.deepStrictEqual(container.holders.map(({ pid }) => pid), [other.pid])
      assert.include(container.message, `for container "c1", which process ${other.pid} (`)
      const network = yield* refused(lock.network("net", "exclusive"))
      assert.deepStrictEqual([network.network, network.containerId], ["net", ""])
      assert.isTrue(network.holders.every(({ command }) => command !== ""))
      assert.sameMembers(network.holders.map(({ pid }) => pid), [other.pid, process.pid])
    }))

  it.live("that is killed lets go of everything at once", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const other = yield* otherHolds(directory, "container:c1", "network:a:shared", "network:b:exclusive", "owner")
      for (const asking of everything(lock)) assert.isFalse(yield* isFree(asking))
      yield* other.dies
      for (const asking of everything(lock)) assert.isTrue(yield* isFree(asking))
    }))

  const everything = (lock: AttachmentLock["Service"]) => [
    lock.container("c1"),
    lock.network("a", "exclusive"),
    lock.network("b", "exclusive")
  ]
})

describe("refusals", () => {
  it.live.each(["effect-cni", "effect-cni/locks"])("says when %s is a file", (name) =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      writeFile(directory, name, "not a directory")
      for (const asking of [lock.network("net", "shared"), lock.network("net", "exclusive"), lock.container("c1")]) {
        const error = yield* Effect.flip(Effect.scoped(asking))
        assert(error._tag === "CacheIoError")
        assert.strictEqual(error.operation, "lock")
        assert.isTrue(error.path.startsWith(placeOf(directory)))
      }
      assert.strictEqual((yield* Effect.flip(lock.owner)).operation, "lock")
    }))
})

describe("without SQLite", () => {
  it.live("go on without other processes, and say so", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const other = yield* otherProcess(directory, ["container:c1", "network:net:exclusive", "owner"], {
        flags: ["--no-experimental-sqlite"]
      })
      yield* other.says("holding")
      assert.match(other.lines().join("\n"), /WARN.*no node:sqlite.*other processes/s)
      assert.deepStrictEqual(namesIn(directory), [])
    }))
})
