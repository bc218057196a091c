/** Where the command keeps what was compiled of it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Url from "node:url"
import { temporaryDirectory } from "../../support/directory.ts"

const source = Url.pathToFileURL(`${import.meta.dirname}/../../../src/layers/host/compileCache.ts`).href

/** Starts a program that keeps what was compiled of it, and says where. */
const start = (umask: number, env: Readonly<Record<string, string>>) =>
  ChildProcess.execFileSync(process.execPath, ["--no-warnings", "--input-type=module"], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...env },
    input: `process.umask(${umask})
      const { keepCompiled } = await import(${JSON.stringify(source)})
      keepCompiled("program")
      const { getCompileCacheDir } = await import("node:module")
      console.log(getCompileCacheDir() ?? "nowhere")`
  }).trim()

describe("keepCompiled", () => {
  it.live.each([0o022, 0o002, 0o000])(
    "uses its directory also the next time, with the umask %o",
    (umask) =>
      Effect.gen(function*() {
        const home = yield* temporaryDirectory
        for (let time = 0; time < 2; time++) {
          assert.include(start(umask, { HOME: home }), `${home}/.cache/program`)
          assert.strictEqual(Fs.statSync(`${home}/.cache/program`).mode & 0o777, 0o700)
        }
      })
  )

  it.live("keeps nothing below a directory that others may write to", () =>
    Effect.gen(function*() {
      const home = yield* temporaryDirectory
      Fs.mkdirSync(`${home}/.cache`)
      Fs.chmodSync(`${home}/.cache`, 0o775)
      assert.strictEqual(start(0o002, { HOME: home }), "nowhere")
      assert.deepStrictEqual(Fs.readdirSync(`${home}/.cache`), [])
    }))
})
