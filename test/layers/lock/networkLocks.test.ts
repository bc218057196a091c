/** What becomes of a network's lock when the file of its gate cannot be let go of: no test of processes brings that about. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FairLock from "../../../src/layers/lock/fairLock.ts"
import * as LockDirectory from "../../../src/layers/lock/lockDirectory.ts"
import type { TryLock } from "../../../src/layers/lock/lockFile.ts"

/** Locks of files by name, of which the gate's can be made not to be let go of. */
const world = () => {
  const held: Array<string> = []
  const state = { isStuck: false }
  const tryLock: TryLock = (file) => {
    const kind = file.replace(/^dir\/|-.*$/g, "")
    held.push(kind)
    const release = () => {
      held.splice(held.indexOf(kind), 1)
      if (kind === "gate" && state.isStuck) throw new Error("EIO: injected")
    }
    return { release, remove: release }
  }
  const networks = LockDirectory.networkLocks(LockDirectory.make("dir", tryLock), FairLock.make())
  return { ask: networks("net", "shared", wait), held, state }
}

const wait: FairLock.Wait = { deadline: 0, restore: (effect) => effect }

describe("networkLocks", () => {
  it.effect("is had by all that share it, and asked for once", () =>
    Effect.gen(function*() {
      const { ask, held } = world()
      const first = yield* ask
      const second = yield* ask
      assert.deepStrictEqual(held, ["network"])
      first?.()
      assert.deepStrictEqual(held, ["network"])
      second?.()
      assert.deepStrictEqual(held, [])
    }))

  it.effect("is let go of with a gate that cannot be", () =>
    Effect.gen(function*() {
      const { ask, held, state } = world()
      const first = yield* ask
      state.isStuck = true
      const second = yield* Effect.exit(ask)
      assert.include(Exit.isFailure(second) ? Cause.pretty(second.cause) : "", "EIO: injected")
      assert.deepStrictEqual(held, ["network"])
      first?.()
      assert.deepStrictEqual(held, [])
      // The next operation does not wait for the one that failed.
      state.isStuck = false
      ;(yield* ask)?.()
      assert.deepStrictEqual(held, [])
    }))
})
