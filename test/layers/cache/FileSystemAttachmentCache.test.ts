/** What only a file system shows: modes, atomic replacement, temporary files, and every way in which it refuses. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentCache, CacheEntry, Tunables } from "effect-cni"
import { FileSystemAttachmentCache } from "effect-cni/node"
import * as Effect from "effect/Effect"
import NodeFs, * as Fs from "node:fs"
import { record } from "../../contract/AttachmentCache.contract.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import { spied } from "../../support/spied.ts"
import { withTurns } from "../../support/turns.ts"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

const withCache = <A, E>(
  body: (cache: AttachmentCache["Service"], directory: string) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const cache = FileSystemAttachmentCache.layer(directory)
    return yield* Effect.provide(AttachmentCache.use((service) => body(service, directory)), cache)
  })

const refusal = (code: string) => Object.assign(new Error(`${code}: injected`), { code })

/** Watches which paths are opened, and refuses those that `codeOf` has a code for. */
const watchedOpens = (codeOf: (path: string) => string | undefined = () => undefined) => {
  const open = Fs.openSync
  return spied(() =>
    vi.spyOn(NodeFs, "openSync").mockImplementation((...args) => {
      const code = codeOf(String(args[0]))
      if (code !== undefined) throw refusal(code)
      return open(...args)
    })
  )
}

/** What was opened of the directories and drafts, in order. */
const openedIn = ({ mock }: { readonly mock: { readonly calls: ReadonlyArray<ReadonlyArray<unknown>> } }) =>
  mock.calls.map(([path]) => String(path))

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
    withCache((cache) =>
      Effect.gen(function*() {
        const three = ["c1", "c2", "c3"].map((containerId) => ({ ...record, containerId }))
        yield* Effect.forEach(three, cache.put)
        const listed = yield* withTurns(5, cache.list())
        assert.deepStrictEqual(listed.result.map(({ containerId }) => containerId), ["c1", "c2", "c3"])
        assert.strictEqual(listed.turns, 3)
      })
    ))

  it.live("syncs file and directory when records must survive a loss of power, and only then", () =>
    withCache((cache, directory) =>
      Effect.scoped(Effect.gen(function*() {
        const syncs = yield* spied(() => vi.spyOn(NodeFs, "fsyncSync"))
        yield* cache.put(record)
        assert.strictEqual(syncs.mock.calls.length, 0)
        const opens = yield* watchedOpens()
        const durably = Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
        yield* durably
        const [draft, ...directories] = openedIn(opens)
        assert.match(draft ?? "", /\.tmp$/)
        // Another process may have made the directory without syncing it: once for good.
        assert.deepStrictEqual(directories, [`${directory}/results`, directory])
        assert.strictEqual(syncs.mock.calls.length, 3)
        yield* durably
        assert.deepStrictEqual(openedIn(opens).slice(4), [`${directory}/results`])
        assert.strictEqual(syncs.mock.calls.length, 5)
      }))
    ))

  const above = (code: string) => (path: string) => /\.tmp$|\/results$/.test(path) ? undefined : code

  it.live.each(["EACCES", "EROFS", "EINVAL"])(
    "syncs no more than it may where what is above the records is another user's (%s)",
    (code) =>
      withCache((cache, directory) =>
        Effect.scoped(Effect.gen(function*() {
          const opens = yield* watchedOpens(above(code))
          yield* Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
          assert.deepStrictEqual(namesIn(`${directory}/results`), ["net-c1-eth0"])
          // First where there are no directories yet.
          assert.strictEqual(openedIn(opens).filter((path) => path.endsWith(".tmp")).length, 2)
        }))
      )
  )

  it.live("fails where what is above the records cannot be synced for another reason", () =>
    withCache((cache) =>
      Effect.scoped(Effect.gen(function*() {
        yield* watchedOpens(above("EIO"))
        const put = Effect.provideService(cache.put(record), Tunables.Durability, "power-loss")
        assert.strictEqual((yield* Effect.flip(put)).reason, "EIO")
      }))
    ))

  it.live("writes beside the record where a mount is between them", () =>
    withCache((cache, directory) =>
      Effect.scoped(Effect.gen(function*() {
        const rename = Fs.renameSync
        yield* spied(() =>
          vi.spyOn(NodeFs, "renameSync").mockImplementation((from, to) => {
            if (String(from).includes("drafts")) throw refusal("EXDEV")
            rename(from, to)
          })
        )
        yield* cache.put(record)
        assert.deepStrictEqual(namesIn(`${directory}/results`), ["net-c1-eth0"])
        assert.deepStrictEqual(namesIn(`${directory}/effect-cni/drafts`), [])
      }))
    ))

  it.live.each(["ENOSPC", "EROFS", "EDQUOT", "EIO"])(
    "says %s, and leaves the old record and no temporary file",
    (code) =>
      withCache((cache, directory) =>
        Effect.scoped(Effect.gen(function*() {
          writeFile(`${directory}/results`, "net-c1-eth0", "the old one")
          Fs.mkdirSync(`${directory}/effect-cni/drafts`, { recursive: true })
          yield* spied(() =>
            vi.spyOn(NodeFs, "writeFileSync").mockImplementation((descriptor) => {
              if (typeof descriptor === "number") Fs.writeSync(descriptor, "a part")
              throw refusal(code)
            })
          )
          const error = yield* Effect.flip(cache.put(record))
          assert.deepStrictEqual([error.operation, error.reason], ["write", code])
          assert.include(error.message, "free space")
          assert.strictEqual(Fs.readFileSync(`${directory}/results/net-c1-eth0`, "utf8"), "the old one")
          assert.deepStrictEqual(namesIn(`${directory}/effect-cni/drafts`), [])
        }))
      )
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

  it.live("never leaves its directory, for any key", () =>
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
