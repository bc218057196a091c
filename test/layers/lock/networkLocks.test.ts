/** What becomes of a network's lock when the file of its gate cannot be let go of: no test of processes brings that about. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FairLock from "../../../src/layers/lock/fairLock.ts"
import * as LockDirectory from "../../../src/layers/lock/lockDirectory.ts"
import type { LockFiles } from "../../../src/layers/lock/lockFile.ts"
import * as NetworkLocks from "../../../src/layers/lock/networkLocks.ts"

/** Locks of files by name, of which the gate's can be made not to be let go of. */
const world = () => {
  const held: Array<string> = []
  const state = { isStuck: false }
  const locks: LockFiles = {
    tryLock: (file) => {
      const kind = file.replace(/^dir\/|-.*$/g, "")
      held.push(kind)
      const release = () => {
        held.splice(held.indexOf(kind), 1)
        if (kind === "gate" && state.isStuck) throw new Error("EIO: injected")
      }
      return { release, close: release, remove: release }
    },
    close: () => {}
  }
  const networks = NetworkLocks.make(LockDirectory.make("dir", locks), FairLock.make())
  return { held, networks, state }
}

const wait: FairLock.Wait = { deadline: 0, restore: (effect) => effect }

const ways = [
  ["at once", (networks: NetworkLocks.NetworkLocks) => Effect.sync(() => networks.tryNow("net", "shared"))],
  ["waiting", (networks: NetworkLocks.NetworkLocks) => networks.poll("net", "shared", wait)]
] as const

describe("networkLocks", () => {
  it.effect.each(ways)("is had by all that share it, and asked for once, %s", ([, ask]) =>
    Effect.gen(function*() {
      const { held, networks } = world()
      const first = yield* ask(networks)
      const second = yield* ask(networks)
      assert.deepStrictEqual(held, ["network"])
      first?.()
      assert.deepStrictEqual(held, ["network"])
      second?.()
      assert.deepStrictEqual(held, [])
    }))

  it.effect.each(ways)("is let go of with a gate that cannot be, %s", ([, ask]) =>
    Effect.gen(function*() {
      const { held, networks, state } = world()
      const first = yield* ask(networks)
      state.isStuck = true
      const second = yield* Effect.exit(ask(networks))
      assert.include(Exit.isFailure(second) ? Cause.pretty(second.cause) : "", "EIO: injected")
      assert.deepStrictEqual(held, ["network"])
      first?.()
      assert.deepStrictEqual(held, [])
      // Whoever asks next does not wait for the one that failed.
      state.isStuck = false
      ;(yield* ask(networks))?.()
      assert.deepStrictEqual(held, [])
    }))
})
