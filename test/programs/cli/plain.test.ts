/** Calls without a flag, which are not read by effect/cli. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parsed } from "../../../src/programs/cli/parsed.ts"
import { plain } from "../../../src/programs/cli/plain.ts"
import { times } from "../../support/extent.ts"
import { outcome, type World } from "./support.ts"

const world: World = {
  plugins: { bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } }, portmap: MemoryCni.passThrough },
  networks: {
    "10-mynet.conflist": `{"cniVersion":"1.1.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`
  }
}

const verb = Schema.Literals(["add", "check", "del", "status", "gc", "inspect", "constructor", "", "help"])
const word = Schema.Union([
  Schema.Literals([
    "mynet",
    "/run/netns/blue",
    "blue",
    "add",
    "status",
    "help",
    "",
    " ",
    "a=b",
    "-",
    "--",
    "-i",
    "--json",
    "-h"
  ]),
  Schema.String
])
const calls = Schema.Struct({ verb, words: Schema.Array(word).check(Schema.isMaxLength(4)) })

describe("a call without a flag", () => {
  it.effect.prop(
    "is answered as it would be if effect/cli had read it",
    [calls],
    ([{ verb, words }]) =>
      Effect.gen(function*() {
        const read = yield* outcome(world, verb, ...words)
        assert.deepStrictEqual(read, yield* outcome({ ...world, reader: parsed }, verb, ...words))
      }),
    { arbitrary: { runs: times({ part: 50, whole: 500 }) } }
  )

  it.each([
    ["add", "mynet", "/run/netns/blue"],
    ["check", "mynet", "/run/netns/blue"],
    ["del", "mynet", "/run/netns/blue"],
    ["status", "mynet", "/run/netns/blue"],
    ["status", "mynet"]
  ])("is read without effect/cli: %s %s %s", (...args) => {
    assert.isDefined(plain(args))
  })

  it.each([
    [[]],
    [["add"]],
    [["gc", "mynet"]],
    [["exec", "mynet"]],
    [["toString", "mynet"]],
    [["add", "mynet", "blue", "more"]],
    [["add", "mynet", "--json"]],
    [["add", "-h", "mynet"]],
    [["--json", "add", "mynet"]]
  ])("is one of these only: %j is not", (args) => {
    assert.isUndefined(plain(args))
  })
})
