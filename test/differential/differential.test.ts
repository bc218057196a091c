/** Our command does what cnitool was recorded to do in every scenario, except where a scenario says otherwise. */
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { oneIn } from "../support/extent.ts"
import { carryOut } from "./host.ts"
import { differencesOf } from "./observed.ts"
import { Ours } from "./ours.ts"
import { recordingOf } from "./recordings.ts"
import { scenarios } from "./scenarios/all.ts"

const named = scenarios.map((scenario) => ({ ...scenario, recording: recordingOf(scenario) }))
const places = (differs: Readonly<Record<string, ReadonlyArray<string>>> = {}) =>
  Object.values(differs).flat().toSorted()

describe("the recordings", () => {
  it("are of at least forty scenarios, with names of their own", () => {
    assert.isAtLeast(new Set(scenarios.map(({ name }) => name)).size, 40)
    assert.strictEqual(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
  })

  it.each(named)("differ where there is a reason: $name", ({ differs, recording }) => {
    const found = differencesOf(recording.cnitool, recording["effect-cni"] ?? recording.cnitool)
    assert.deepStrictEqual(found.toSorted(), places(differs))
  })
})

layer(Ours.layer, { excludeTestServices: true, timeout: "2 minutes" })("effect-cni, beside cnitool", (it) => {
  it.effect.each(oneIn(16, named))("$name", (scenario) =>
    Effect.gen(function*() {
      const { cnitool, "effect-cni": own = cnitool } = scenario.recording
      assert.deepStrictEqual(differencesOf(own, yield* carryOut(yield* Ours, scenario)), [])
    }))

  // What is attached by the first call is there as cnitool left it; reasons are those of the scenario.
  const continued = named.filter(({ calls, recording }) =>
    ["check", "del"].includes(calls[1]?.args[0] ?? "") && recording.cnitool[0]?.status === 0
  )
  it.effect.each(oneIn(16, continued))(
    "goes on with what cnitool attached: $name",
    (scenario) =>
      Effect.gen(function*() {
        const { calls, recording: { cnitool, "effect-cni": own = cnitool } } = scenario
        const rest = { ...scenario, calls: calls.slice(1) }
        const observed = yield* carryOut(yield* Ours, rest, cnitool[0]?.records)
        assert.deepStrictEqual(differencesOf(own.slice(1), observed), [])
      })
  )
})
