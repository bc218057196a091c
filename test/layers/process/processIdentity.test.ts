/** What is read again, and what is remembered, of the files that say which boot and machine this is. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { readOnce } from "../../../src/layers/process/processIdentity.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"

describe("hostIdentity", () => {
  it.effect("reads again what could not be read, and then remembers it", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const id = readOnce(`${directory}/boot_id`)
      assert.isUndefined(id())
      const file = writeFile(directory, "boot_id", "b\n")
      assert.strictEqual(id(), "b")
      Fs.rmSync(file)
      assert.strictEqual(id(), "b")
    }))

  it.effect.each(["", "\n", "uninitialized\n"])("does not take %j for an ID", (text) =>
    Effect.gen(function*() {
      const id = readOnce(writeFile(yield* temporaryDirectory, "machine-id", text))
      assert.isUndefined(id())
    }))
})
