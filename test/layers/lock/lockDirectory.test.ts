/** Two runtimes in one process, whose locks the kernel does not keep apart by itself. */
import { assert, describe, it } from "@effect/vitest"
import { Tunables } from "effect-cni"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { holding, isFree } from "../../contract/AttachmentLock.contract.ts"
import { temporaryDirectory } from "../../support/directory.ts"
import { bundleLockHolder, cleaners, descriptors, locksIn, otherHolds, placeOf, two } from "../../support/locks.ts"
import { settableClock } from "../../support/settableClock.ts"

await bundleLockHolder()

describe("two runtimes in one process", () => {
  it.live("exclude each other", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      const letGo = [yield* holding(left.container("c1")), yield* holding(left.network("net", "shared"))]
      assert.isFalse(yield* isFree(right.container("c1")))
      assert.isFalse(yield* isFree(right.network("net", "exclusive")))
      // A try must not have let go of what the other holds.
      assert.isFalse(yield* isFree(right.container("c1")))
      assert.isFalse(yield* isFree(right.network("net", "exclusive")))
      assert.isTrue(yield* isFree(right.network("net", "shared")))
      for (const one of letGo) yield* one
      assert.isTrue(yield* isFree(right.container("c1")))
      assert.isTrue(yield* isFree(right.network("net", "exclusive")))
    }))

  it.live("keep newcomers out while one waits to be alone, and only that long", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      const letGo = yield* holding(left.network("net", "shared"))
      const alone = yield* Effect.forkChild(holding(right.network("net", "exclusive")), { startImmediately: true })
      assert.isFalse(yield* isFree(left.network("net", "shared")))
      yield* Fiber.interrupt(alone)
      assert.isTrue(yield* isFree(left.network("net", "shared")))
      const tooLong = holding(right.network("net", "exclusive"))
      yield* Effect.flip(Effect.provideService(Effect.asVoid(tooLong), Tunables.LockWaitLimit, "30 millis"))
      assert.isTrue(yield* isFree(left.network("net", "shared")))
      yield* letGo
      assert.isTrue(yield* isFree(left.network("net", "exclusive")))
    }))

  it.live("let newcomers pass after a while, when one still waits to be alone", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      const letGo = yield* holding(left.network("net", "shared"))
      const alone = yield* Effect.forkChild(
        Effect.provideService(holding(right.network("net", "exclusive")), Tunables.LockWaitLimit, "1 minute"),
        { startImmediately: true }
      )
      assert.isFalse(yield* isFree(left.network("net", "shared")))
      assert.isFalse(yield* isFree(right.network("net", "shared")))
      const passed = [yield* holding(left.network("net", "shared")), yield* holding(right.network("net", "shared"))]
      assert.isUndefined(alone.pollUnsafe())
      for (const one of [letGo, ...passed]) yield* one
      yield* yield* Fiber.join(alone)
    }))

  it.live.each([1, -1])(
    "wait for each other as long as they are told to, when the clock is set by %i h",
    (hours) =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        const set = yield* settableClock
        const letGo = yield* holding(left.container("c1"))
        const asked = (limit: Duration.Input) =>
          holding(right.container("c1")).pipe(
            Effect.provideService(Tunables.LockWaitLimit, limit),
            Effect.provideService(Clock.Clock, set.clock),
            Effect.forkChild({ startImmediately: true })
          )
        const [soon, late] = [yield* asked("100 millis"), yield* asked("1 minute")]
        set.by(hours * 60 * 60 * 1000)
        const error = yield* Effect.flip(Effect.asVoid(Fiber.join(soon)))
        assert(error._tag === "LockTimeout")
        assert.isAtLeast(error.waitedMs, 100)
        assert.isBelow(error.waitedMs, 60_000)
        yield* letGo
        yield* yield* Fiber.join(late)
      })
  )

  it.live("give each other what they waited for, once none is before them", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      const letGo = yield* holding(left.network("net", "exclusive"))
      const waiting = yield* Effect.forEach(
        [right.network("net", "shared"), right.network("net", "shared"), right.network("net", "exclusive")],
        (asking) => Effect.forkChild(holding(asking), { startImmediately: true })
      )
      yield* letGo
      for (const fiber of waiting) yield* yield* Fiber.join(fiber)
      assert.isTrue(yield* isFree(left.network("net", "exclusive")))
    }))

  it.live("exclude each other also where one has swept and made anew what the other has used", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      assert.isTrue(yield* isFree(left.network("net", "exclusive")))
      yield* right.sweep
      const letGo = yield* holding(right.network("net", "exclusive"))
      assert.isFalse(yield* isFree(left.network("net", "shared")))
      yield* letGo
      assert.isTrue(yield* isFree(left.network("net", "shared")))
    }))

  it.live.each(["locks", "files"] as const)(
    "exclude each other also after a cleaner has removed the %s",
    (removed) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const [left, right] = yield* Effect.all([locksIn(directory), locksIn(directory)])
        const other = yield* otherHolds(directory, "container:c2", "network:c:exclusive")
        const letGo = [
          yield* holding(left.container("c1")),
          yield* holding(left.network("a", "shared")),
          yield* holding(left.network("b", "exclusive"))
        ]
        cleaners[removed](placeOf(directory))
        const taken = [
          right.container("c1"),
          right.network("a", "exclusive"),
          right.network("b", "shared"),
          right.container("c2"),
          right.network("c", "shared")
        ]
        // Also once others have used what was made anew.
        for (const free of [right.container("c3"), right.network("d", "shared")]) assert.isTrue(yield* isFree(free))
        for (const asking of taken) assert.isFalse(yield* isFree(asking))
        for (const asking of taken) assert.isFalse(yield* isFree(asking))
        for (const one of letGo) yield* one
        yield* other.dies
        for (const asking of taken) assert.isTrue(yield* isFree(asking))
      })
  )

  it.live("leave no descriptor behind with every use", () =>
    Effect.gen(function*() {
      const [left, right] = yield* two
      for (const lock of [left, right]) {
        assert.isTrue(yield* isFree(lock.network("net", "shared")))
        assert.isTrue(yield* isFree(lock.container("c1")))
      }
      const before = descriptors()
      const letGo = [yield* holding(left.container("c1")), yield* holding(left.network("net", "shared"))]
      for (let at = 0; at < 100; at++) {
        assert.isFalse(yield* isFree(right.container("c1")))
        assert.isFalse(yield* isFree(right.network("net", "exclusive")))
        assert.isTrue(yield* isFree(right.network("net", "shared")))
      }
      assert.isAtMost(descriptors(), before + 20)
      for (const one of letGo) yield* one
      assert.strictEqual(descriptors(), before)
    }))
})
