/** FIFOs, sockets, links, directories and huge files where the journal, the records and the locks have their files. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, AttachmentLock, Cni, type CniServices } from "effect-cni"
import { FileSystemAttachmentCache, NodeAttachmentJournal, NodeAttachmentLock, NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { shardOf } from "../../../src/layers/journal/journalFiles.ts"
import { record } from "../../contract/AttachmentCache.contract.ts"
import { entry } from "../../contract/AttachmentJournal.contract.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../../support/directory.ts"
import { irregular, makeFifo } from "../../support/irregular.ts"
import { c1, network } from "../../support/network.ts"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

/** A cache directory, and the services over it. */
const world = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const services = Layer.mergeAll(
    FileSystemAttachmentCache.layer(directory),
    NodeAttachmentJournal.layer(directory),
    NodeAttachmentLock.layer(directory)
  )
  return { base: `${directory}/effect-cni`, directory, on: Effect.provide(services) }
})

const shard = shardOf("c1")

describe.each(irregular)("%s among the entries of the journal", (_, make, issue) => {
  it.live("is damaged, hides no other one, and can be removed", () =>
    Effect.gen(function*() {
      const { base, on } = yield* world
      const other = { ...entry, containerId: "c2" }
      const file = `${base}/journal/${shard}/net-c1-eth0`
      yield* on(AttachmentJournal.use((journal) => journal.begin(other)))
      Fs.mkdirSync(`${base}/journal/${shard}`, { recursive: true })
      yield* make(file)
      yield* on(AttachmentJournal.use((journal) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(journal.get(key))
          assert(error._tag === "CacheEntryInvalid")
          assert.match(error.issue, issue)
          assert.isFalse(yield* journal.begin(entry))
          for (const listing of [yield* journal.list(), yield* journal.list("c1")]) {
            assert.deepStrictEqual(listing.damaged.map(({ path }) => path), [file])
          }
          assert.deepStrictEqual((yield* journal.list()).entries, [other])
          yield* journal.remove(key)
          assert.isTrue(yield* journal.begin(entry))
        })
      ))
    }))
})

describe("the journal", () => {
  it.live("follows no link to an entry, wherever it leads", () =>
    Effect.gen(function*() {
      const { base, on } = yield* world
      yield* on(AttachmentJournal.use((journal) =>
        Effect.gen(function*() {
          yield* journal.begin(entry)
          const file = journal.pathOf(key)
          Fs.renameSync(file, `${base}/elsewhere`)
          for (const target of ["../../elsewhere", "/dev/zero", "nowhere", "net-c1-eth0"]) {
            Fs.symlinkSync(target, file)
            const error = yield* Effect.flip(journal.get(key))
            assert(error._tag === "CacheEntryInvalid")
            assert.strictEqual(error.issue, "it is a symbolic link, not a regular file")
            assert.strictEqual((yield* journal.list()).damaged.length, 1)
            assert.isFalse(yield* journal.begin(entry))
            Fs.rmSync(file)
          }
        })
      ))
    }))

  it.live("lists what there is beside what is no directory of entries", () =>
    Effect.gen(function*() {
      const { base, on } = yield* world
      const [one, two, three] = ["00", "01", "02", "03"].filter((name) => name !== shard)
      Fs.mkdirSync(`${base}/journal`, { recursive: true })
      makeFifo(`${base}/journal/${one}`)
      makeFifo(`${base}/journal/lost`)
      writeFile(`${base}/journal`, `${two}`, "a file")
      Fs.mkdirSync(`${base}/journal/${three}/directory`, { recursive: true })
      const { damaged, entries } = yield* on(
        AttachmentJournal.use((journal) => Effect.andThen(journal.begin(entry), journal.list()))
      )
      assert.deepStrictEqual(entries, [entry])
      assert.sameMembers(damaged.map(({ path }) => path.slice(`${base}/journal/`.length)), [
        `${one}`,
        `${two}`,
        `${three}/directory`,
        "lost"
      ])
    }))

  it.live("keeps no line where the place of its log is taken, and removes no directory for a draft", () =>
    Effect.gen(function*() {
      const { base, on } = yield* world
      makeFifo(`${base}/abandoned.log`)
      Fs.mkdirSync(`${base}/journal-drafts/2147483647-1-a-0.tmp`, { recursive: true })
      makeFifo(`${base}/journal-drafts/2147483647-1-a-1.tmp`)
      const error = yield* on(
        AttachmentJournal.use((journal) => Effect.andThen(journal.sweep, Effect.flip(journal.audit("gave up c1"))))
      )
      assert.deepStrictEqual([error.reason, error.detail], ["NotRegular", "it is a FIFO, not a regular file"])
      assert.include(error.message, "Move it away")
      assert.deepStrictEqual(Fs.readdirSync(`${base}/journal-drafts`), ["2147483647-1-a-0.tmp"])
    }))
})

describe.each(irregular)("%s among the records", (_, make, issue) => {
  it.live("is damaged, hides no other one, and gives way to a record", () =>
    Effect.gen(function*() {
      const { directory, on } = yield* world
      const file = `${directory}/results/net-c1-eth0`
      const other = { ...record, containerId: "c2" }
      Fs.mkdirSync(`${directory}/results`)
      yield* make(file)
      yield* on(AttachmentCache.use((cache) =>
        Effect.gen(function*() {
          yield* cache.put(other)
          const error = yield* Effect.flip(cache.get(key))
          assert(error._tag === "CacheEntryInvalid")
          assert.match(error.issue, issue)
          assert.deepStrictEqual([yield* cache.list(), yield* cache.list("c1")], [[other], []])
          const [first] = yield* cache.files
          assert.match(first === undefined || Result.isSuccess(first.content) ? "" : first.content.failure, issue)
          yield* cache.put(record)
          assert.deepStrictEqual(yield* cache.get(key), Option.some(record))
          Fs.rmSync(file)
          yield* make(file)
          yield* cache.remove(key)
          assert.deepStrictEqual(yield* cache.get(key), Option.none())
        })
      ))
    }))
})

describe("records", () => {
  it.live("may be links to regular files, of other runtimes", () =>
    Effect.gen(function*() {
      const { directory, on } = yield* world
      yield* on(AttachmentCache.use((cache) =>
        Effect.gen(function*() {
          yield* cache.put(record)
          const file = cache.pathOf(key)
          Fs.renameSync(file, `${directory}/elsewhere`)
          Fs.symlinkSync("../elsewhere", file)
          assert.deepStrictEqual([yield* cache.get(key), yield* cache.list()], [Option.some(record), [record]])
          for (
            const [target, issue] of [["/dev/zero", /character device/], [
              "nowhere",
              /link to nowhere: no such/
            ]] as const
          ) {
            Fs.rmSync(file)
            Fs.symlinkSync(target, file)
            assert.match((yield* Effect.flip(cache.get(key))).message, issue)
            assert.deepStrictEqual(yield* cache.list(), [])
            assert.strictEqual((yield* cache.files).length, 1)
          }
          Fs.rmSync(file)
          Fs.symlinkSync("net-c1-eth0", file)
          assert.match((yield* Effect.flip(cache.get(key))).message, /ELOOP/)
        })
      ))
    }))

  it.live("are found where their names are no UTF-8", () =>
    Effect.gen(function*() {
      const { directory, on } = yield* world
      yield* on(AttachmentCache.use((cache) =>
        Effect.gen(function*() {
          yield* cache.put(record)
          const name = Buffer.concat([Buffer.from(`${directory}/results/net-c1-eth`), Buffer.of(0xff)])
          Fs.renameSync(cache.pathOf(key), name)
          assert.deepStrictEqual(yield* cache.list(), [record])
          assert.strictEqual((yield* cache.files).length, 1)
        })
      ))
    }))
})

describe("locks", () => {
  it.live.each<readonly [string, (path: string) => void, string]>([
    ["a FIFO", makeFifo, "NotRegular"],
    ["a directory", (path) => Fs.mkdirSync(path), "EISDIR"],
    ["a link", (path) => Fs.symlinkSync("/dev/null", path), "NotRegular"]
  ])("are refused where %s is in their place, which a sweep leaves", ([, make, reason]) =>
    Effect.gen(function*() {
      const { base, on } = yield* world
      const lock = AttachmentLock.use((locks) => Effect.scoped(locks.network("net", "shared")))
      const names = AttachmentLock.use((locks) =>
        Effect.scoped(Effect.map(locks.network("net", "shared"), () =>
          Fs.readdirSync(`${base}/locks`).filter((name) =>
            name !== "checked"
          )))
      )
      for (const name of yield* on(names)) {
        Fs.rmSync(`${base}/locks/${name}`, { force: true })
        make(`${base}/locks/${name}`)
        const error = yield* Effect.flip(on(lock))
        assert(error._tag === "CacheIoError")
        assert.deepStrictEqual([error.operation, error.reason, error.path], ["lock", reason, `${base}/locks/${name}`])
        yield* on(AttachmentLock.use(({ sweep }) =>
          sweep
        ))
        Fs.rmSync(`${base}/locks/${name}`, { recursive: true })
        yield* on(lock)
      }
    }))
})

describe("operations where a FIFO lies in the journal", () => {
  const host = Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const log = `${directory}/log`
    writePlugin(`${directory}/bin`, "a", `echo $CNI_COMMAND >> ${log}; [ $CNI_COMMAND != ADD ] || echo '{}'`)
    makeFifo(`${directory}/cache/effect-cni/journal/${shard}/net-c1-eth0`)
    const services = NodeCni.layer({ pluginPaths: [`${directory}/bin`], cacheDir: `${directory}/cache` })
    const on: <A, E>(program: Effect.Effect<A, E, Cni | CniServices>) => Effect.Effect<A, E> = Effect.provide(services)
    return { on, log: () => Fs.existsSync(log) ? Fs.readFileSync(log, "utf8") : "" }
  })
  const net = network(["a"])

  it.live("recover names it, an ADD is refused before any plugin, and a DEL takes it away", () =>
    Effect.gen(function*() {
      const { log, on } = yield* host
      const { damaged } = yield* on(Cni.recover)
      assert.match(damaged[0]?.path ?? "", /\/net-c1-eth0$/)
      assert.strictEqual(damaged[0]?.issue, "it is a FIFO, not a regular file")
      assert.strictEqual((yield* Effect.flip(on(Cni.addNetworkList(net, c1))))._tag, "CacheEntryInvalid")
      assert.strictEqual(log(), "")
      yield* on(Cni.delNetworkList(net, c1))
      yield* on(Cni.addNetworkList(net, c1))
      assert.strictEqual(log(), "DEL\nADD\n")
    }))
})
