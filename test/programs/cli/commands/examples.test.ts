/** The examples of `--help`: every command has some, and each is a call that the command understands. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { outcome, wordsOf, type World } from "../support.ts"

const world: World = {
  plugins: { bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } } },
  networks: { "10-mynet.conflist": `{"cniVersion":"1.1.0","name":"mynet","plugins":[{"type":"bridge"}]}` },
  environment: { CNI_PATH: "/bin" }
}

/** The indented lines of a part of a help text. */
const partOf = (help: string, title: string): ReadonlyArray<string> => {
  const [, part = ""] = help.split(`\n${title}\n`)
  return part.split(/\n(?=\S)/)[0]?.split("\n").map((line) => line.trim()).filter((line) => line !== "") ?? []
}

const examplesOf = Effect.fnUntraced(function*(...command: ReadonlyArray<string>) {
  const { stdout } = yield* outcome(world, ...command, "--help")
  return partOf(stdout, "EXAMPLES").filter((line) => !line.startsWith("#"))
})

describe("the examples of --help", () => {
  it.effect("are there for every command, and are understood", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(world, "--help")
      const names = partOf(stdout, "SUBCOMMANDS").map((line) => line.split(" ")[0] ?? "")
      assert.includeMembers([...names], ["add", "check", "del", "gc", "status", "networks", "exec"])
      for (const command of [[], ...names.map((name) => [name])]) {
        const examples = yield* examplesOf(...command)
        assert.isAtLeast(examples.length, 1, `effect-cni ${command.join(" ")} --help has examples`)
        for (const example of examples) {
          const words = wordsOf(example)
          const at = words.indexOf("effect-cni")
          assert.isAtLeast(at, 0, example)
          const { stderr, stdout } = yield* outcome(world, ...words.slice(at + 1))
          assert.notInclude(stdout, `"_tag":"UsageError"`, example)
          assert.notInclude(stderr, "usage:", example)
        }
      }
    }))
})
