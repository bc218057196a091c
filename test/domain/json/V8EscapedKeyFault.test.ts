/** Whether the way around the fault of V8 is still needed is asked of V8 itself. */
import { assert, it } from "@effect/vitest"
import { hasFault } from "../../../src/domain/json/V8EscapedKeyFault.ts"

const keys = ["\\", "\\u00", "\n", "\t", "\u0000", "\"", "a", "\\\\"]

const losesKeys = (): boolean =>
  keys.some((first) =>
    keys.some((second) => {
      const read: unknown = JSON.parse(JSON.stringify({ [first]: 1, [second]: 2, x: 3 }))
      return typeof read === "object" && read !== null && !(first in read && second in read)
    })
  )

it("finds the fault where JSON.parse loses keys, however often it is asked", () => {
  const found = [hasFault(), hasFault(), losesKeys(), hasFault()]
  assert.deepStrictEqual(new Set(found).size, 1)
})
