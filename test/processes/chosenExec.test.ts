/** Which way of starting plugins a runtime takes, with koffi and without it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { rolldown } from "rolldown"
import { bundledProgram } from "../support/bundled.ts"
import { temporaryDirectory, writePlugin } from "../support/directory.ts"

const source = Path.join(import.meta.dirname, "chosenExec.ts")

const runtime = await bundledProgram(source)

/** What a new process logs that runs a plugin, and what it says of the outcome. */
const outputOf = (exec: "fastest" | "posix_spawn", { koffi }: { readonly koffi: boolean }) =>
  Effect.map(temporaryDirectory, (directory) => {
    const hidden = koffi ? [] : ["--import", Path.join(import.meta.dirname, "withoutKoffi.ts")]
    return run(directory, exec, ...hidden, runtime)
  })

const run = (directory: string, exec: "fastest" | "posix_spawn", ...program: ReadonlyArray<string>) => {
  writePlugin(directory, "a", "echo '{}'")
  const args = [...program, directory, exec]
  const { stderr, stdout } = ChildProcess.spawnSync(process.execPath, args, { encoding: "utf8" })
  assert.strictEqual(stderr, "")
  return stdout
}

const conditions = ["effect-cni-source", "node", "import", "default"]

/** Makes one file of the program and all that it imports. */
type Bundle = (file: string) => Promise<unknown>

const byRolldown: Bundle = async (file) => {
  const bundle = await rolldown({ input: source, platform: "node", resolve: { conditionNames: conditions } })
  await bundle.write({ file, codeSplitting: false })
}

const byEsbuild: Bundle = (outfile) =>
  build({ entryPoints: [source], outfile, bundle: true, platform: "node", format: "esm", conditions })

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

  // None of them is told to leave koffi out (`--external`).
  it.live.each([["rolldown", byRolldown], ["esbuild", byEsbuild]] as const)(
    "is looked for when a program that %s has bundled runs, not when it is bundled",
    ([, bundle]) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const program = Path.join(directory, "program.mjs")
        yield* Effect.promise(() => bundle(program))
        const withoutKoffi = /DEBUG .*: plugins are run by node:child_process; .*: the package koffi is not installed\n/
        assert.match(run(directory, "fastest", program), withoutKoffi)
        Fs.symlinkSync(Path.resolve("node_modules"), `${directory}/node_modules`)
        assert.match(run(directory, "fastest", program), /DEBUG .*: plugins are run by posix_spawn\n/)
      })
  )

  it.live("is an error where posix_spawn was asked for and cannot be had", () =>
    Effect.gen(function*() {
      const output = yield* outputOf("posix_spawn", { koffi: false })
      assert.match(output, /^PosixSpawnUnavailable: .*the package koffi is not installed.*Install koffi/m)
    }))
})
