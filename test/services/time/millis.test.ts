import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { toMillis } from "../../../src/services/time/millis.ts"

describe("durations in ms", () => {
  it("are what Duration says, the first time and the next, however many there are", () => {
    const words = Array.from({ length: 250 }, (_, at) => `${at} seconds` as const)
    const inputs: ReadonlyArray<Duration.Input> = [...words, "1 minute", "Infinity", 1500, Duration.seconds(2)]
    for (const input of [...inputs, ...inputs]) {
      const expected = Duration.toMillis(input)
      assert.deepStrictEqual([toMillis(input), toMillis(input)], [expected, expected])
    }
  })
})
