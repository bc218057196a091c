/** Names of namespaces, read where their maker's pid and times mean something else. */
import { assert, describe, it } from "@effect/vitest"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { newName } from "../../src/layers/internal/namespaceNames.ts"

const file = Path.join(import.meta.dirname, "../../src/layers/internal/namespaceNames.ts")
const asking = [
  process.execPath,
  "--conditions=effect-cni-source",
  "--input-type=module",
  "--eval",
  `import { isLeft } from ${JSON.stringify(file)}; console.log(isLeft(process.argv[1], "/var/lib/cni"))`
]

const isLeftSeenFrom = (unshare: ReadonlyArray<string>, name: string): boolean => {
  const [command, ...args] = [...unshare, ...asking, name]
  return ChildProcess.execFileSync(command, args, { encoding: "utf8" }).trim() === "true"
}

/** As this process's, but of an earlier start with its pid. */
const dead = (name: string): string => name.replace(/^(effect-cni-exec-\d+)-\d+-/, "$1-1-")

const otherTime = ["unshare", "--time", "--boottime", "100000", "--fork"]
const otherPids = ["unshare", "--pid", "--mount-proc", "--fork"]

describe("the name of a namespace", () => {
  it("tells that its maker lives, or is dead, to who sees the same processes at the same times", () => {
    const name = newName("/var/lib/cni")
    assert.deepStrictEqual([isLeftSeenFrom([], name), isLeftSeenFrom([], dead(name))], [false, true])
  })

  it.each([["time", otherTime], ["pid", otherPids]])("tells nothing in another %s namespace", (_, unshare) => {
    const name = newName("/var/lib/cni")
    assert.deepStrictEqual([isLeftSeenFrom(unshare, name), isLeftSeenFrom(unshare, dead(name))], [false, false])
  })
})
