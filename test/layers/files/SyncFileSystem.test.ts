/** The synchronous file system says of everything what Node's says. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { SyncFileSystem } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"

const bytes = new TextEncoder().encode("content")

type Call = (fs: FileSystem.FileSystem, path: string) => Effect.Effect<unknown, PlatformError.PlatformError>

const calls: Readonly<Record<string, Call>> = {
  writeFile: (fs, path) => fs.writeFile(path, bytes),
  "writeFile wx": (fs, path) => fs.writeFile(path, bytes, { flag: "wx", mode: 0o600 }),
  "rename from": (fs, path) => fs.rename(path, `${path}-2`),
  "rename to": (fs, path) => fs.rename(`${path}-2`, path),
  remove: (fs, path) => fs.remove(path),
  "remove force": (fs, path) => fs.remove(path, { force: true }),
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
})
