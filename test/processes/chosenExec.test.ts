/** Which way of starting plugins a runtime takes, with koffi and without it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { temporaryDirectory, writePlugin } from "../support/directory.ts"

/** What a new process logs that runs a plugin, and what it says of the outcome. */
const outputOf = (exec: "fastest" | "posix_spawn", { koffi }: { readonly koffi: boolean }) =>
  Effect.map(temporaryDirectory, (directory) => {
    writePlugin(directory, "a", "echo '{}'")
    const hidden = koffi ? [] : ["--import", Path.join(import.meta.dirname, "withoutKoffi.ts")]
    const runtime = Path.join(import.meta.dirname, "chosenExec.ts")
    const { stderr, stdout } = ChildProcess.spawnSync(
      process.execPath,
      ["--conditions=effect-cni-source", ...hidden, runtime, directory, exec],
      { encoding: "utf8" }
    )
    assert.strictEqual(stderr, "")
    return stdout
  })

describe("the way plugins are started", () => {
  it.live("is posix_spawn where koffi is installed", () =>
    Effect.gen(function*() {
      assert.match(
        yield* outputOf("fastest", { koffi: true }),
        /DEBUG .*: plugins are run by posix_spawn\n[^]*attached\n$/
      )
    }))

  it.live("is node:child_process where it is not, and the log says why", () =>
    Effect.gen(function*() {
      assert.match(
        yield* outputOf("fastest", { koffi: false }),
        /DEBUG .*: plugins are run by node:child_process; .*: the package koffi is not installed\n[^]*attached\n$/
      )
    }))

  it.live("is an error where posix_spawn was asked for and cannot be had", () =>
    Effect.gen(function*() {
      const output = yield* outputOf("posix_spawn", { koffi: false })
      assert.match(output, /^PosixSpawnUnavailable: .*the package koffi is not installed.*npm install koffi/m)
    }))
})
