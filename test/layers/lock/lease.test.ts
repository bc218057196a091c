/** Whether an owner is alive, as its lease shows. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Lease from "../../../src/layers/lock/lease.ts"
import * as LockDirectory from "../../../src/layers/lock/lockDirectory.ts"
import type { TryLock } from "../../../src/layers/lock/lockFile.ts"
import { temporaryDirectory, until, writeFile } from "../../support/directory.ts"
import { times } from "../../support/extent.ts"
import {
  bootedMachine,
  bundleLockHolder,
  cleaners,
  descriptors,
  kindsIn,
  locksIn,
  namesIn,
  nobodysPid,
  otherHolds,
  ownerOf,
  placeOf
} from "../../support/locks.ts"

await bundleLockHolder()

describe("owners", () => {
  it.live("are alive as long as their processes, however those end", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      for (const end of ["ends", "dies"] satisfies ReadonlyArray<"ends" | "dies">) {
        const other = yield* otherHolds(directory, "owner")
        const owner = ownerOf(other)
        assert.strictEqual(owner.pid, other.pid)
        assert.isTrue(yield* lock.isAlive(owner))
        assert.isTrue(yield* lock.isAlive(owner))
        yield* other[end]
        assert.isFalse(yield* lock.isAlive(owner))
        assert.isFalse(yield* lock.isAlive(owner))
      }
      yield* lock.sweep
      assert.deepStrictEqual(kindsIn(directory), [])
    }))

  it.live.each(["locks", "files", "lease", "replaced"] as const)(
    "outlive their leases (%s), and their processes do not",
    (removed) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "owner")
        const owner = ownerOf(other)
        cleaners[removed](placeOf(directory))
        assert.isTrue(yield* lock.isAlive(owner))
        // Another owner, and those who look, make the directory anew.
        yield* lock.owner
        yield* lock.sweep
        assert.isTrue(yield* lock.isAlive(owner))
        yield* other.dies
        assert.isFalse(yield* lock.isAlive(owner))
      })
  )

  it.live("touch their leases, so that a cleaner of old files leaves them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.useRealTimers()))
      const owner = yield* (yield* locksIn(directory)).owner
      const [name = ""] = namesIn(placeOf(directory))
      const file = `${placeOf(directory)}/${name}`
      Fs.utimesSync(file, 1, 1)
      vi.advanceTimersByTime(60 * 60 * 1000)
      vi.useRealTimers()
      yield* until(() => Fs.statSync(file).mtimeMs > 1000)
      assert.isTrue(yield* (yield* locksIn(directory)).isAlive(owner))
    }))

  it.live("say on which boot and machine they are, and whose children", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const other = ownerOf(yield* otherHolds(directory, "owner"))
      const { ancestors, boot, machine } = yield* (yield* locksIn(directory)).owner
      assert.strictEqual(boot, Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())
      assert.strictEqual(machine, bootedMachine())
      assert.deepStrictEqual([other.boot, other.machine], [boot, machine])
      assert.deepStrictEqual(other.ancestors, [process.pid, ...ancestors ?? []])
      assert.deepStrictEqual([ancestors?.[0], ancestors?.at(-1)], [process.ppid, 1])
    }))

  it.live("are dead to all runtimes that look at the same moment", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const other = yield* otherHolds(directory, "owner")
      yield* other.dies
      const looks = Array.from({ length: 20 }, () =>
        Effect.flatMap(locksIn(directory), (one) => one.isAlive(ownerOf(other))))
      assert.deepStrictEqual(new Set(yield* Effect.all(looks, { concurrency: "unbounded" })), new Set([false]))
      assert.isFalse(yield* lock.isAlive(ownerOf(other)))
    }))

  it.live("see each other", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const [left, right] = [yield* locksIn(directory), yield* locksIn(directory)]
      assert.notStrictEqual((yield* left.owner).lease, (yield* right.owner).lease)
      assert.isTrue(yield* left.isAlive(yield* right.owner))
      assert.isTrue(yield* right.isAlive(yield* left.owner))
      // Finding out must not have let go of anything.
      assert.isTrue(yield* left.isAlive(yield* right.owner))
      assert.isTrue(yield* right.isAlive(yield* left.owner))
    }))

  it.live("have the leases open for a moment only that they look at", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const other = yield* otherHolds(directory, "owner")
      const owner = ownerOf(other)
      yield* other.dies
      const before = descriptors()
      assert.isFalse(yield* lock.isAlive(owner))
      assert.strictEqual(descriptors(), before)
    }))

  it.live("are gone with their layer, and leave nothing", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const owner = yield* Effect.scoped(Effect.gen(function*() {
        const closed = yield* (yield* locksIn(directory)).owner
        assert.isTrue(yield* lock.isAlive(closed))
        return closed
      }))
      assert.isFalse(yield* lock.isAlive(owner))
      assert.deepStrictEqual(namesIn(placeOf(directory)), [])
    }))

  it.live("cannot be found outside of the directory", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const lock = yield* locksIn(directory)
      const victim = writeFile(directory, "effect-cni/victim", "")
      const { ino } = Fs.statSync(victim)
      assert.isFalse(yield* lock.isAlive({ pid: nobodysPid, startTime: "1", lease: `x/../../victim.${ino}` }))
      assert.isTrue(Fs.existsSync(victim))
    }))

  it.live("have their leases from the first moment, even while another process sweeps", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* otherHolds(directory, "sweep")
      const isSeen = Effect.gen(function*() {
        const { lease } = yield* (yield* locksIn(directory)).owner
        return namesIn(placeOf(directory)).includes(`lease-${lease.replace(/\..*/, "")}`)
      })
      for (let at = 0; at < times({ part: 60, whole: 200 }); at++) assert.isTrue(yield* Effect.scoped(isSeen))
    }))
})

const othersLook: TryLock = (_, mode) => mode === "shared" ? { release: () => {}, remove: () => {} } : undefined

describe("lease", () => {
  it.live("of a dead owner is not taken for that of a living one while another process looks", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const id = "00000000-0000-0000-0000-000000000000"
      const { ino } = Fs.statSync(writeFile(directory, `lease-${id}`, ""))
      const owner = { pid: 1, startTime: "0", lease: `${id}.${ino}` }
      const { isAlive } = Lease.make(LockDirectory.make(directory, othersLook), yield* Scope.Scope)
      assert.isFalse(yield* isAlive(owner))
    })))
})
