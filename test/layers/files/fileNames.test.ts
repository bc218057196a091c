/** Names that are no UTF-8 are shown, and what is shown finds the file. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { locate, namesIn } from "../../../src/layers/files/readRegularFile.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"

const bytes = (...parts: ReadonlyArray<string | number>) =>
  Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : Buffer.of(part)))

const write = (directory: string, name: Buffer, text = "") => Fs.writeFileSync(bytes(`${directory}/`, ...name), text)

describe("names of files", () => {
  it.live("are shown with escapes where they are no UTF-8, and are in the order of their bytes", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.deepStrictEqual(namesIn(directory), [])
      for (const name of ["z", "\u{1F600}", "\uFFFD", "café"]) writeFile(directory, name, "")
      assert.deepStrictEqual(namesIn(directory), ["café", "z", "\uFFFD", "\u{1F600}"])
      write(directory, bytes("caf", 0xe9, ".conf"))
      write(directory, bytes("a", 0xe2, 0x82))
      write(directory, bytes("a€", 0xff, "\n"))
      assert.deepStrictEqual(namesIn(directory), [
        "a\\xe2\\x82",
        "a€\\xff\n",
        "café",
        "caf\\xe9.conf",
        "z",
        "\uFFFD",
        "\u{1F600}"
      ])
    }))

  it.live("are found as they are shown, or as Node decodes them, below directories of that kind too", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      Fs.mkdirSync(bytes(`${directory}/d`, 0xff))
      write(directory, bytes("caf", 0xe9), "by its bytes")
      Fs.writeFileSync(bytes(`${directory}/d`, 0xff, "/x", 0x80), "below")
      const textAt = (path: string) => Fs.readFileSync(locate(`${directory}/${path}`), "utf8")
      assert.strictEqual(textAt("caf\\xe9"), "by its bytes")
      assert.strictEqual(textAt("caf\uFFFD"), "by its bytes")
      assert.strictEqual(textAt("d\\xff/x\\x80"), "below")
      assert.deepStrictEqual(namesIn(`${directory}/d\\xff`), ["x\\x80"])
      writeFile(directory, "caf\\xe9", "by its very name")
      assert.strictEqual(textAt("caf\\xe9"), "by its very name")
    }))

  it.live("that no file has are left as they are", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.strictEqual(locate(`${directory}/plain`), `${directory}/plain`)
      for (const name of ["no\\xffne", "no\uFFFDne", "gone/no\\xffne"]) {
        assert.strictEqual(locate(`${directory}/${name}`).toString(), `${directory}/${name}`)
      }
    }))
})
