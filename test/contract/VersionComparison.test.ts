import { assert, layer } from "@effect/vitest"
import { VersionComparison } from "effect-cni"
import { SpecVersionComparison } from "effect-cni/node"
import * as Effect from "effect/Effect"

layer(SpecVersionComparison.layer)("VersionComparison (specification)", (it) => {
  it.effect("compares by value, whatever the form", () =>
    Effect.gen(function*() {
      const { isAtLeast } = yield* VersionComparison
      assert.isTrue(yield* isAtLeast("1", "1.0.0"))
      assert.isTrue(yield* isAtLeast("0.10.0", "0.9.9"))
      assert.isTrue(yield* isAtLeast("", "0.1.0"))
      assert.isFalse(yield* isAtLeast("", "0.4.0"))
    }))

  it.effect("selects and parses", () =>
    Effect.gen(function*() {
      const versions = yield* VersionComparison
      assert.strictEqual(yield* versions.select("0.4.0", ["1.0.0", "7.0.0"]), "1.0.0")
      assert.deepStrictEqual(yield* versions.parse("1.2"), [1, 2, 0])
    }))

  it.effect("fails with what is wrong, on either side", () =>
    Effect.gen(function*() {
      const { isAtLeast, select } = yield* VersionComparison
      assert.strictEqual((yield* Effect.flip(isAtLeast("x", "1.0.0"))).version, "x")
      assert.strictEqual((yield* Effect.flip(isAtLeast("1.0.0", "y"))).version, "y")
      assert.strictEqual((yield* Effect.flip(select("", ["z"]))).version, "z")
    }))
})
