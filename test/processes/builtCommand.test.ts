/** The command as it is published: bundled, and perhaps started by a Node that cannot run it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { bundledCommand } from "../support/bundled.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"

const program = await bundledCommand()

describe("the built command", () => {
  it.live("says which Node it needs where that is older, before it uses what such a Node does not have", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const onNode = (version: string) => {
        const older = writeFile(
          directory,
          "older.cjs",
          `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })
          if (${JSON.stringify(version)} < "22") delete process.getBuiltinModule`
        )
        const env = { ...process.env, XDG_CACHE_HOME: `${directory}/cache` }
        return ChildProcess.spawnSync(process.execPath, ["-r", older, program, "--version"], {
          encoding: "utf8",
          env
        })
      }
      const minimum = packageJson.engines.node.replace(">=", "")
      for (const version of ["12.22.12", "18.20.0", "20.20.2", "22.0.0", "22.9.1", "22.18.9"]) {
        const { status, stderr, stdout } = onNode(version)
        assert.deepStrictEqual([status, stdout], [1, ""])
        assert.strictEqual(stderr, `error: effect-cni needs Node.js ${minimum} or newer, and this is ${version}\n`)
      }
      for (const version of [minimum, "22.19.1", "22.20.0", "23.0.0", "26.0.0-nightly", process.versions.node]) {
        const { status, stdout } = onNode(version)
        assert.deepStrictEqual([status, stdout.trim()], [0, `effect-cni v${packageJson.version}`])
      }
    }))

  it("loads nothing of the program before what was compiled of it is at hand", () => {
    const entry = Fs.readFileSync(program, "utf8")
    const start = Fs.readFileSync(Path.join(Path.dirname(program), "start.cjs"), "utf8")
    assert.deepStrictEqual(entry.match(/require\([^)]*\)/g), [`require("./start.cjs")`, `require("./main.cjs")`])
    assert.match(entry, /then\(\(\)=>require\("\.\/main\.cjs"\)\)/)
    assert.notInclude(start, "require(")
    assert.isBelow(start.length, 4000)
  })
})
