/** What a set of locks does with files that it needs no more. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { spareFiles } from "../../src/layers/internal/spareFiles.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"

const world = Effect.map(temporaryDirectory, (directory) => {
  const closed: Array<string> = []
  const spares = spareFiles<string>((handle) => closed.push(handle), 2)
  const names = () => Fs.readdirSync(directory).map((name) => name.replace(/-.*/, "")).toSorted()
  const path = (name: string) => Path.join(directory, name)
  /** Makes a file and hands it in; the handle has its name. */
  const keep = (name: string) => spares.keep(writeFile(directory, name, name), name)
  const handIn = (name: string) => assert.isTrue(keep(name))
  return { spares, closed, names, path, keep, handIn }
})

describe("spareFiles", () => {
  it.effect("gives a file another name, with its handle", () =>
    Effect.gen(function*() {
      const { closed, handIn, names, path, spares } = yield* world
      handIn("a")
      assert.deepStrictEqual(names(), ["spare"])
      assert.strictEqual(spares.take(path("b")), "a")
      assert.deepStrictEqual(names(), ["b"])
      assert.strictEqual(Fs.readFileSync(path("b"), "utf8"), "a")
      assert.isUndefined(spares.take(path("c")))
      assert.deepStrictEqual(closed, [])
    }))

  it.effect("takes nobody's place", () =>
    Effect.gen(function*() {
      const { closed, handIn, names, path, spares } = yield* world
      handIn("a")
      Fs.writeFileSync(path("b"), "another")
      assert.isUndefined(spares.take(path("b")))
      assert.strictEqual(Fs.readFileSync(path("b"), "utf8"), "another")
      assert.strictEqual(spares.take(path("c")), "a")
      assert.deepStrictEqual(names(), ["b", "c"])
      assert.deepStrictEqual(closed, [])
    }))

  it.effect("keeps so many, leaves the others as they are, and keeps none in the end", () =>
    Effect.gen(function*() {
      const { closed, handIn, keep, names, spares } = yield* world
      handIn("a")
      handIn("b")
      assert.isFalse(keep("c"))
      assert.deepStrictEqual(names(), ["c", "spare", "spare"])
      spares.close()
      assert.deepStrictEqual(names(), ["c"])
      assert.sameMembers(closed, ["a", "b"])
      assert.isFalse(keep("d"))
      assert.deepStrictEqual(names(), ["c", "d"])
    }))

  it.effect("goes on where somebody has removed one, or what is to be one", () =>
    Effect.gen(function*() {
      const { closed, handIn, names, path, spares } = yield* world
      handIn("a")
      for (const name of Fs.readdirSync(path("."))) Fs.rmSync(path(name))
      assert.isUndefined(spares.take(path("b")))
      assert.deepStrictEqual(closed, ["a"])
      assert.isFalse(spares.keep(path("none"), "none"))
      handIn("c")
      assert.strictEqual(spares.take(path("d")), "c")
      assert.deepStrictEqual(names(), ["d"])
    }))

  it.effect("is of no use where a file cannot have two names, and no longer tries", () =>
    Effect.gen(function*() {
      const { closed, handIn, keep, names, spares } = yield* world
      handIn("a")
      // Another file system: as for one that has no links, the system refuses.
      assert.isUndefined(spares.take(`/dev/shm/effect-cni-${process.pid}`))
      assert.deepStrictEqual(closed, ["a"])
      assert.deepStrictEqual(names(), [])
      assert.isFalse(keep("b"))
      assert.deepStrictEqual(names(), ["b"])
    }))
})
