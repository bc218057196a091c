/** The synchronous file system says of everything what Node's says. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { SyncFileSystem } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { temporaryDirectory, writeFile } from "../support/directory.ts"

const bytes = new TextEncoder().encode("content")

type Call = (fs: FileSystem.FileSystem, path: string) => Effect.Effect<unknown, PlatformError.PlatformError>

const calls: Readonly<Record<string, Call>> = {
  exists: (fs, path) => fs.exists(path),
  readFile: (fs, path) => Effect.map(fs.readFile(path), (read) => new TextDecoder().decode(read)),
  writeFile: (fs, path) => fs.writeFile(path, bytes),
  "writeFile wx": (fs, path) => fs.writeFile(path, bytes, { flag: "wx", mode: 0o600 }),
  "rename from": (fs, path) => fs.rename(path, `${path}-2`),
  "rename to": (fs, path) => fs.rename(`${path}-2`, path),
  remove: (fs, path) => fs.remove(path),
  "remove force": (fs, path) => fs.remove(path, { force: true }),
  readDirectory: (fs, path) => Effect.map(fs.readDirectory(path), (names) => names.toSorted()),
  stat: (fs, path) =>
    Effect.map(fs.stat(path), ({ gid, mode, size, type, uid }) => [type, mode, Number(size), uid, gid].map(String))
}

const paths = [
  "file",
  "full",
  "large",
  "directory",
  "missing",
  "file/below",
  "missing/below",
  "link",
  "loop",
  "x".repeat(300)
]

const world = Effect.map(temporaryDirectory, (directory) => {
  writeFile(directory, "file", "text")
  writeFile(directory, "full", "x".repeat(64 * 1024))
  writeFile(directory, "large", "y".repeat(64 * 1024 + 1).repeat(3))
  writeFile(`${directory}/directory`, "inside", "text")
  Fs.symlinkSync("file", `${directory}/link`)
  Fs.symlinkSync("loop", `${directory}/loop`)
  return directory
})

/** What a call gives, and what is in the directory after it. */
const outcomeOf = (call: Call, path: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* world
    const result = yield* Effect.result(call(fs, `${directory}/${path}`))
    const said = Result.match(result, {
      onFailure: ({ reason }) => ({ failed: reason._tag, errno: errnoOf(reason.cause) }),
      onSuccess: (value) => ({ value })
    })
    return { said, left: Fs.readdirSync(directory, { recursive: true }).map(String).toSorted() }
  })

const errnoOf = (cause: unknown) => cause instanceof Error && "code" in cause ? cause.code : undefined

describe("SyncFileSystem", () => {
  for (const [name, call] of Object.entries(calls)) {
    // Node's own error of that is no errno.
    const others = name === "remove" ? paths.filter((path) => path !== "directory") : paths
    it.effect.each(others)(`${name} does with %s what Node's file system does`, (path) =>
      Effect.gen(function*() {
        const ours = yield* Effect.provide(outcomeOf(call, path), SyncFileSystem.layer)
        assert.deepStrictEqual(ours, yield* Effect.provide(outcomeOf(call, path), NodeFileSystem.layer))
      }))
  }

  it.effect("reads to its end what gives a part at a time", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const read = yield* fs.readFile("/proc/kallsyms")
      assert.deepStrictEqual(Buffer.from(read), Fs.readFileSync("/proc/kallsyms"))
    }).pipe(Effect.provide(SyncFileSystem.layer)))

  it.effect("lists a large directory as well", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporaryDirectory
      const names = Array.from({ length: 3000 }, (_, at) => `${at}-${"x".repeat(40)}`)
      for (const name of names) Fs.writeFileSync(`${directory}/${name}`, "")
      assert.isAbove(Fs.statSync(directory).size, 64 * 1024)
      assert.deepStrictEqual((yield* fs.readDirectory(directory)).toSorted(), names.toSorted())
      assert.isTrue(Option.isSome((yield* fs.stat(directory)).mtime))
    }).pipe(Effect.provide(SyncFileSystem.layer)))
})
