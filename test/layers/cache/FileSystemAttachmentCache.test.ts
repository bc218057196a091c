/** What only a file system shows: modes, atomic replacement, temporary files, and every way in which it refuses. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, CacheEntry, Tunables } from "effect-cni"
import { FileSystemAttachmentCache, SyncFileSystem } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import * as Fs from "node:fs"
import { record } from "../../contract/AttachmentCache.contract.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import { withTurns } from "../../support/turns.ts"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

type Faults = (real: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>

const withCache = <A, E>(
  body: (cache: AttachmentCache["Service"], directory: string) => Effect.Effect<A, E>,
  faults: Faults = () => ({}),
  base: Layer.Layer<FileSystem.FileSystem> = NodeFileSystem.layer
) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const fileSystem = Layer.effect(
      FileSystem.FileSystem,
      Effect.map(FileSystem.FileSystem, (real) => FileSystem.FileSystem.of({ ...real, ...faults(real) }))
    ).pipe(Layer.provide(base))
    const cache = FileSystemAttachmentCache.layer(directory).pipe(Layer.provide([fileSystem, NodePath.layer]))
    return yield* Effect.provide(AttachmentCache.use((service) => body(service, directory)), cache)
  })

const errno = (code: string) =>
  Effect.fail(PlatformError.systemError({
    _tag: "Unknown",
    module: "FileSystem",
    method: "test",
    cause: Object.assign(new Error(`${code}: injected`), { code })
  }))

const namesIn = (directory: string) => Fs.existsSync(directory) ? Fs.readdirSync(directory) : []

const mode = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

describe("FileSystemAttachmentCache", () => {
  it.live("stores under libcni's name, readable for its owner only, and leaves no temporary file", () =>
    withCache((cache, directory) =>
      Effect.gen(function*() {
        yield* cache.put(record)
        const file = `${directory}/results/net-c1-eth0`
        assert.strictEqual(Fs.readFileSync(file, "utf8"), CacheEntry.encode(record))
        assert.deepStrictEqual([mode(file), mode(`${directory}/results`)], ["600", "700"])
        assert.deepStrictEqual(namesIn(`${directory}/effect-cni/drafts`), [])
      })
    ))

  it.live("shows readers the old record or the new one, never a part of one", () =>
    withCache((cache) =>
      Effect.gen(function*() {
        const large = { ...record, capabilityArgs: { text: "x".repeat(500_000) } }
        yield* cache.put(record)
        const write = Effect.forEach(Array.from({ length: 30 }), (_, at) => cache.put(at % 2 === 0 ? large : record))
        const read = Effect.forEach(Array.from({ length: 200 }), () => cache.get(key))
        const [, entries] = yield* Effect.all([write, read], { concurrency: "unbounded" })
        assert.isTrue(entries.every((entry) => entry._tag === "Some" && entry.value._tag === "CacheRecord"))
      })
    ))

  it.live("lists in slices, between which others go on", () =>
    withCache(
      (cache) =>
        Effect.gen(function*() {
          const three = ["c1", "c2", "c3"].map((containerId) => ({ ...record, containerId }))
          yield* Effect.forEach(three, cache.put)
          const listed = yield* withTurns(5, cache.list())
          assert.deepStrictEqual(listed.result.map(({ containerId }) => containerId), ["c1", "c2", "c3"])
          assert.strictEqual(listed.turns, 3)
        }),
      // The names themselves come from another thread.
      () => ({ readDirectory: (path) => Effect.sync(() => namesIn(path)) }),
      SyncFileSystem.layer
    ))

  it.live("syncs file and directory when records must survive a loss of power, and only then", () => {
    const opened: Array<string> = []
    return withCache((cache, directory) =>
      Effect.gen(function*() {
        yield* cache.put(record)
        assert.deepStrictEqual(opened, [])
        yield* Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
        assert.match(opened[0] ?? "", /\.tmp$/)
        // Who made the directory may have needed it less; once for good.
        assert.deepStrictEqual(opened.slice(1), [`${directory}/results`, directory])
        yield* Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
        assert.deepStrictEqual(opened.slice(4), [`${directory}/results`])
      }), (real) => ({
        open: (path, options) => {
          opened.push(path)
          return real.open(path, options)
        }
      }))
  })

  it.live.each(["EACCES", "EROFS", "EINVAL"])(
    "syncs no more than it may where what is above the records is somebody else's (%s)",
    (code) => {
      const written: Array<string> = []
      return withCache((cache, directory) =>
        Effect.gen(function*() {
          yield* Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
          assert.deepStrictEqual(namesIn(`${directory}/results`), ["net-c1-eth0"])
          // First where there are no directories yet.
          assert.strictEqual(written.length, 2)
        }), (real) => ({
          open: (path, options) =>
            /\.tmp$|\/results$/.test(path)
              ? real.open(path, options)
              : errno(code),
          writeFile: (path, data, options) => {
            written.push(path)
            return real.writeFile(path, data, options)
          }
        }))
    }
  )

  it.live("fails where what is above the records cannot be synced for another reason", () =>
    withCache((cache) =>
      Effect.gen(function*() {
        const put = Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
        assert.strictEqual((yield* Effect.flip(put)).reason, "EIO")
      }), (real) => ({
        open: (path, options) => /\.tmp$|\/results$/.test(path) ? real.open(path, options) : errno("EIO")
      })))

  it.live("writes beside the record where a mount is between them", () =>
    withCache((cache, directory) =>
      Effect.gen(function*() {
        yield* cache.put(record)
        assert.deepStrictEqual(namesIn(`${directory}/results`), ["net-c1-eth0"])
        assert.deepStrictEqual(namesIn(`${directory}/effect-cni/drafts`), [])
      }), (real) => ({
        rename: (from, to) => from.includes("drafts") ? errno("EXDEV") : real.rename(from, to)
      })))

  it.live.each(["ENOSPC", "EROFS", "EDQUOT", "EIO"])(
    "says %s, and leaves the old record and no temporary file",
    (code) =>
      withCache((cache, directory) =>
        Effect.gen(function*() {
          writeFile(`${directory}/results`, "net-c1-eth0", "the old one")
          Fs.mkdirSync(`${directory}/effect-cni/drafts`, { recursive: true })
          const error = yield* Effect.flip(cache.put(record))
          assert.deepStrictEqual([error.operation, error.reason], ["write", code])
          assert.include(error.message, "free space")
          assert.strictEqual(Fs.readFileSync(`${directory}/results/net-c1-eth0`, "utf8"), "the old one")
          assert.deepStrictEqual(namesIn(`${directory}/effect-cni/drafts`), [])
        }), (real) => ({
          writeFile: (path, data, options) =>
            Effect.andThen(real.writeFile(path, data.subarray(0, 10), options), errno(code))
        }))
  )

  it.live("says what stands in the way of a record", () =>
    withCache((cache, directory) =>
      Effect.gen(function*() {
        Fs.mkdirSync(`${directory}/results/net-c1-eth0/x`, { recursive: true })
        assert.strictEqual((yield* Effect.flip(cache.get(key)))._tag, "CacheIoError")
        const write = yield* Effect.flip(cache.put(record))
        assert.deepStrictEqual([write.operation, write.path], ["write", `${directory}/results/net-c1-eth0`])
        assert.strictEqual((yield* Effect.flip(cache.remove(key))).operation, "remove")
        const long = yield* Effect.flip(cache.put({ ...record, containerId: "c".repeat(300) }))
        assert.strictEqual(long.reason, "ENAMETOOLONG")
        assert.match(long.message, /can have 255 bytes: shorten one$/)
      })
    ))

  it.live("says when its directory is a file", () =>
    withCache((cache, directory) =>
      Effect.gen(function*() {
        writeFile(directory, "results", "not a directory")
        assert.strictEqual((yield* Effect.flip(cache.get(key)))._tag, "CacheIoError")
        assert.strictEqual((yield* Effect.flip(cache.put(record)))._tag, "CacheIoError")
        assert.strictEqual((yield* Effect.flip(cache.list())).operation, "list")
      })
    ))

  it.live("stores names as long as a file name may be", () =>
    withCache((cache) =>
      Effect.gen(function*() {
        const long = { ...record, containerId: "c".repeat(255 - "net--eth0".length) }
        yield* cache.put(long)
        assert.strictEqual((yield* cache.get(long))._tag, "Some")
      })
    ))

  it.live("never leaves its directory, whatever the key", () =>
    withCache((cache, directory) =>
      Effect.gen(function*() {
        const victim = writeFile(directory, "victim", "precious")
        for (const ifName of ["../../victim", "x/../../../victim", "\0"]) {
          const evil = { network: "..", containerId: "..", ifName }
          assert.strictEqual((yield* Effect.flip(cache.remove(evil))).reason, "InvalidName")
          assert.strictEqual((yield* Effect.flip(cache.get(evil)))._tag, "CacheIoError")
          assert.strictEqual((yield* Effect.flip(cache.put({ ...record, ...evil }))).reason, "InvalidName")
        }
        assert.strictEqual(Fs.readFileSync(victim, "utf8"), "precious")
      })
    ))
})
