import { assert, describe, it } from "@effect/vitest"
import { deletionChain } from "../../../src/programs/chain/completeDelete.ts"
import { network } from "../../support/network.ts"

/** What each step is: its type, which of the chains configures it, and whether only the stored chain has it. */
const steps = (given: ReadonlyArray<string>, stored: ReadonlyArray<string>) => {
  const now = network(given).plugins
  const before = given.length === 0 ? [] : network(stored.length === 0 ? ["x"] : stored).plugins.slice(0, stored.length)
  return deletionChain(now, before).map(({ isStoredOnly, plugin }) =>
    `${plugin.type}${now.includes(plugin) ? "" : "*"}${isStoredOnly ? "!" : ""}`
  )
}

describe("DeletionChain", () => {
  it.each([
    [["a", "b"], ["a", "b"], ["a", "b"]],
    [["b", "a"], ["a", "b"], ["a", "b"]],
    [["a"], ["a", "b"], ["a", "b*!"]],
    [["b"], ["a", "b", "c"], ["a*!", "b", "c*!"]],
    [["a", "n", "b"], ["a", "b"], ["a", "b", "n"]],
    [["a", "a"], ["a", "b", "a"], ["a", "b*!", "a"]],
    [["a", "a", "a"], ["a"], ["a", "a", "a"]],
    [["a"], [], ["a"]]
  ])("of %j over the stored %j runs %j", (given, stored, expected) => {
    assert.deepStrictEqual(steps(given, stored), expected)
  })
})
