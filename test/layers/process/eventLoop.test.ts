/** How long small pieces of work hold the event loop together. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { forEachSliced } from "../../../src/layers/process/eventLoop.ts"
import { withTurns } from "../../support/turns.ts"

describe("forEachSliced", () => {
  it.effect.each<readonly [pieceMs: number, turns: number]>([[1, 2], [2, 3], [5, 10]])(
    "lets others go on every 4 ms, where each of ten pieces takes %d ms",
    ([pieceMs, expected]) =>
      Effect.gen(function*() {
        const pieces = Array.from({ length: 10 }, (_, at) => at)
        const { result, turns } = yield* withTurns(pieceMs, forEachSliced(pieces, (at) => Effect.succeed(at * 2)))
        assert.deepStrictEqual(result, pieces.map((at) => at * 2))
        assert.strictEqual(turns, expected)
      })
  )

  it.effect("goes on at once with what takes no longer", () =>
    Effect.gen(function*() {
      const { result, turns } = yield* withTurns(0.1, forEachSliced([1, 2, 3], Effect.succeed))
      assert.deepStrictEqual(result, [1, 2, 3])
      assert.strictEqual(turns, 0)
    }))

  it.effect("stops at the first error", () =>
    Effect.gen(function*() {
      const done: Array<number> = []
      const work = (at: number) => at === 2 ? Effect.fail("two") : Effect.sync(() => done.push(at))
      assert.strictEqual(yield* Effect.flip(forEachSliced([1, 2, 3], work)), "two")
      assert.deepStrictEqual(done, [1])
    }))
})
