/** Names of namespaces, read where their maker's pid and times mean something else, or for another cache. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isLeft, newName } from "../../src/layers/namespace/IpScratchNamespaces.ts"
import { temporaryDirectory } from "../support/directory.ts"

const file = Path.join(import.meta.dirname, "../../src/layers/namespace/IpScratchNamespaces.ts")
const cacheDir = "/var/lib/cni"
const asking = [
  process.execPath,
  "--conditions=effect-cni-source",
  "--input-type=module",
  "--eval",
  `import { isLeft } from ${JSON.stringify(file)}; console.log(isLeft(process.argv[1], "${cacheDir}"))`
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
    const name = newName(cacheDir)
    assert.deepStrictEqual([isLeftSeenFrom([], name), isLeftSeenFrom([], dead(name))], [false, true])
  })

  it.each([["time", otherTime], ["pid", otherPids]])("tells nothing in another %s namespace", (_, unshare) => {
    const name = newName(cacheDir)
    assert.deepStrictEqual([isLeftSeenFrom(unshare, name), isLeftSeenFrom(unshare, dead(name))], [false, false])
  })

  it.live("tells for which cache it was made, by whatever path, and before there was one", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const [own, link, other] = ["own", "link", "other"].map((name) => Path.join(directory, name, "cache"))
      Fs.symlinkSync(Path.join(directory, "own"), Path.join(directory, "link"))
      Fs.mkdirSync(Path.join(directory, "own"))
      const name = dead(newName(own ?? ""))
      assert.deepStrictEqual([own, link, other].map((cache = "") => isLeft(name, cache)), [true, true, false])
      Fs.mkdirSync(own ?? "")
      assert.deepStrictEqual([own, link].map((cache = "") => isLeft(name, cache)), [true, true])
      assert.isTrue(isLeft(name, Path.relative(process.cwd(), own ?? "")))
    }))
})
