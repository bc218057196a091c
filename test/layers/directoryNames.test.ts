/** When a directory that others may change is listed anew. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Fs from "node:fs"
import { directoryNames } from "../../src/layers/internal/directoryNames.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"

/**
 * A directory with so many files, and how often it was listed; whatever changes it does so at a time of its own, or always
 * at the same. The time of the process stands still.
 */
const world = Effect.fnUntraced(function*(count: number, stepSeconds = 1) {
  const clock = { ms: 0 }
  yield* Effect.acquireRelease(
    Effect.sync(() => vi.spyOn(process.hrtime, "bigint").mockImplementation(() => BigInt(clock.ms) * 1_000_000n)),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
  const directory = yield* temporaryDirectory
  let seconds = 1000
  const touch = () => {
    seconds += stepSeconds
    Fs.utimesSync(directory, seconds, seconds)
  }
  const write = (name: string) => {
    writeFile(directory, name, "")
    touch()
  }
  for (let at = 0; at < count; at++) writeFile(directory, `file-${at}`, "")
  touch()
  const real = yield* FileSystem.FileSystem
  const listings = { count: 0, beside: Effect.void }
  const names = directoryNames(
    FileSystem.FileSystem.of({
      ...real,
      readDirectory: (path) => {
        listings.count++
        return Effect.tap(real.readDirectory(path), () => listings.beside)
      }
    }),
    directory
  )
  const found = Effect.map(names.list((name) => !name.startsWith("file-")), (all) => all.toSorted())
  return {
    clock,
    names,
    found,
    listings,
    write,
    adding: (name: string) => names.adding(name, Effect.sync(() => write(name))),
    removing: (name: string) =>
      names.removing(
        name,
        Effect.sync(() => {
          Fs.rmSync(`${directory}/${name}`)
          touch()
        })
      )
  }
}, Effect.provide(NodeFileSystem.layer))

describe("directoryNames", () => {
  it.live("lists a small directory each time", () =>
    Effect.gen(function*() {
      const { found, listings, write } = yield* world(20)
      for (const name of ["a", "b", "c"]) {
        write(name)
        yield* found
      }
      assert.deepStrictEqual(yield* found, ["a", "b", "c"])
      assert.strictEqual(listings.count, 4)
    }))

  it.live("knows a large one as long as only we change it", () =>
    Effect.gen(function*() {
      const { adding, found, listings, removing } = yield* world(200)
      yield* found
      yield* found
      const { count } = listings
      yield* adding("a")
      yield* adding("b")
      assert.deepStrictEqual(yield* found, ["a", "b"])
      yield* removing("a")
      assert.deepStrictEqual(yield* found, ["b"])
      assert.strictEqual(listings.count, count)
    }))

  it.live("lists it again when somebody else has changed it, before or after we have", () =>
    Effect.gen(function*() {
      const { adding, found, write } = yield* world(200)
      yield* found
      yield* found
      write("theirs-1")
      assert.deepStrictEqual(yield* found, ["theirs-1"])
      write("theirs-2")
      yield* adding("ours-1")
      assert.deepStrictEqual(yield* found, ["ours-1", "theirs-1", "theirs-2"])
      yield* adding("ours-2")
      write("theirs-3")
      assert.deepStrictEqual(yield* found, ["ours-1", "ours-2", "theirs-1", "theirs-2", "theirs-3"])
    }))

  it.live("lists it again when two of our changes overlap", () =>
    Effect.gen(function*() {
      const { adding, found, names, write } = yield* world(200)
      yield* found
      yield* found
      yield* names.adding(
        "ours",
        Effect.andThen(adding("ours too"), Effect.sync(() => write("ours")))
      )
      assert.deepStrictEqual(yield* found, ["ours", "ours too"])
    }))

  it.live("lists it again after a change that has failed half-way", () =>
    Effect.gen(function*() {
      const { found, names, write } = yield* world(200)
      yield* found
      yield* found
      const failing = Effect.andThen(Effect.sync(() => write("half")), Effect.fail("no"))
      assert.strictEqual(yield* Effect.flip(names.adding("whole", failing)), "no")
      assert.deepStrictEqual(yield* found, ["half"])
    }))

  it.live("does not remember what was listed while we changed it, though the time was the same", () =>
    Effect.gen(function*() {
      const { adding, clock, found, listings } = yield* world(200, 0)
      yield* found
      listings.beside = adding("ours")
      yield* found
      listings.beside = Effect.void
      assert.deepStrictEqual(yield* found, ["ours"])
      yield* found
      // Of two listings, the older one ends last.
      listings.beside = Effect.suspend(() => {
        listings.beside = Effect.void
        return Effect.andThen(Effect.orDie(found), adding("ours too"))
      })
      clock.ms = 2000
      assert.deepStrictEqual(yield* found, ["ours"])
      assert.deepStrictEqual(yield* found, ["ours", "ours too"])
    }))

  it.live("lists it again after a change that was interrupted", () =>
    Effect.gen(function*() {
      const { found, names, write } = yield* world(200, 0)
      yield* found
      yield* found
      const interrupted = Effect.andThen(Effect.sync(() => write("ours")), Effect.interrupt)
      yield* Effect.exit(names.adding("ours", interrupted))
      assert.deepStrictEqual(yield* found, ["ours"])
    }))

  it.live("lists it once a second in any case", () =>
    Effect.scoped(Effect.gen(function*() {
      const { clock, found, listings } = yield* world(200)
      yield* found
      yield* found
      const { count } = listings
      clock.ms = 1000
      yield* found
      assert.strictEqual(listings.count, count)
      clock.ms = 1001
      yield* found
      assert.strictEqual(listings.count, count + 1)
    })))
})
