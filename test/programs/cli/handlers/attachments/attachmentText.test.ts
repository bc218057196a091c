/** How long ago an attachment was made, in words. */
import { assert, describe, it } from "@effect/vitest"
import { ago } from "../../../../../src/programs/cli/handlers/attachments/attachmentText.ts"

describe("a time", () => {
  const [s, min, h, day] = [1000, 60_000, 3_600_000, 86_400_000]
  it.each([
    [0, "just now"],
    [5 * s, "5 s ago"],
    [119 * s, "119 s ago"],
    [2 * min, "2 min ago"],
    [3 * h, "3 h ago"],
    [47 * h, "47 h ago"],
    [2 * day, "2 days ago"],
    [400 * day, "400 days ago"],
    [-5 * s, "in the future"]
  ])("%d ms past is %s", (passed, expected) => {
    assert.strictEqual(ago(1_000_000_000_000 - passed, 1_000_000_000_000), expected)
  })
})
