/** A fork server beside a runtime that changes its directory or its user, that ends, and that is killed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { contentOf, isAlive, temporaryDirectory, until, writePlugin } from "../support/directory.ts"

const host = ["--conditions=effect-cni-source", Path.join(import.meta.dirname, "forkServerHost.ts")]

const inWorld = Effect.map(temporaryDirectory, (directory) => {
  const path = writePlugin(directory, "a", "echo \"$PPID;$(readlink /proc/$$/cwd);$(id -G)\"")
  writePlugin(directory, "a-hanging", `echo $$ > ${directory}/plugin; exec sleep 1000`)
  return { directory, path }
})

describe("a runtime with a fork server", () => {
  it.live("has its plugins run where and as whom it is itself, and ends when it has nothing to do", () =>
    Effect.gen(function*() {
      const { directory, path } = yield* inWorld
      const { status, stderr, stdout } = ChildProcess.spawnSync(process.execPath, [...host, directory, path], {
        encoding: "utf8"
      })
      const isRoot = process.getuid?.() === 0
      const groups = ChildProcess.execFileSync("id", ["-G"], { encoding: "utf8" }).trim()
      const expected = [
        `at first: by server, in ${directory}, groups ${groups}`,
        `elsewhere: by server, in ${directory}/sub, groups ${groups}`,
        `moved: by server, in ${directory}/moved, groups ${groups}`,
        `removed: by server, in ${directory}/moved (deleted), groups ${groups}`,
        ...isRoot ? [`with other groups: by us, in ${directory}, groups 0 12345`] : []
      ]
      // A shell has a word to say on a directory that is gone.
      const lines = stdout.split("\n").filter((line) => line.includes(": by "))
      assert.deepStrictEqual([status, stderr, lines], [0, "", expected])
    }))

  it.live("takes it along when it is killed", () =>
    Effect.gen(function*() {
      const { directory, path } = yield* inWorld
      const runtime = ChildProcess.spawn(process.execPath, [...host, directory, path, "hang"], { stdio: "inherit" })
      const server = Number(yield* contentOf(`${directory}/server`))
      const plugin = Number(yield* contentOf(`${directory}/plugin`))
      assert.isTrue(isAlive(server))
      runtime.kill("SIGKILL")
      yield* until(() => !isAlive(server))
      // As without a server: whoever comes next finds it.
      assert.isTrue(isAlive(plugin))
      process.kill(plugin, "SIGKILL")
    }))
})
