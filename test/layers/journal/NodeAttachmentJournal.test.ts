/** What only files show: where they are and whose, what writers leave that die, and every way in which a disk refuses. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentJournal, type CniError, JournalEntry, Tunables } from "effect-cni"
import { NodeAttachmentJournal } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as ChildProcess from "node:child_process"
import NodeFs, * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { shardOf } from "../../../src/layers/journal/journalFiles.ts"
import { entry, failed, started } from "../../contract/AttachmentJournal.contract.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import { needs } from "../../support/needs.ts"
import { spied } from "../../support/spied.ts"
import { withTurns } from "../../support/turns.ts"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

const withJournal = <A, E>(
  body: (journal: AttachmentJournal["Service"], base: string) => Effect.Effect<A, E>,
  cacheDir = temporaryDirectory
) =>
  Effect.gen(function*() {
    const directory = yield* cacheDir
    const journal = NodeAttachmentJournal.layer(directory)
    return yield* Effect.provide(AttachmentJournal.use((service) => body(service, `${directory}/effect-cni`)), journal)
  })

const namesIn = (directory: string) => Fs.existsSync(directory) ? Fs.readdirSync(directory) : []

const filesIn = (directory: string) =>
  namesIn(directory).flatMap((name) =>
    Fs.statSync(`${directory}/${name}`).isDirectory() ? namesIn(`${directory}/${name}`) : [name]
  )

/** The directory of a container's entries. */
const shardIn = (base: string, containerId: string) => `${base}/journal/${shardOf(containerId)}`

/** Another container whose entries are in the directory of c1's. */
const besideC1 = Array.from({ length: 1000 }, (_, at) => `d${at}`).find((id) => shardOf(id) === shardOf("c1")) ?? ""

const mode = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

const mount = (...args: ReadonlyArray<string>) => ChildProcess.spawnSync("mount", args).status === 0
const unmount = (directory: string) => ChildProcess.spawnSync("umount", [directory]).status === 0

const canMount = (() => {
  const directory = Fs.mkdtempSync(`${Os.tmpdir()}/effect-cni-`)
  const isMounted = mount("-t", "tmpfs", "none", directory) && unmount(directory)
  Fs.rmdirSync(directory)
  return isMounted
})()

/** A disk of 64 KiB. */
const smallDisk = Effect.flatMap(temporaryDirectory, (directory) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      assert.isTrue(mount("-t", "tmpfs", "-o", "size=64k", "none", directory))
      return directory
    }),
    () => Effect.sync(() => void unmount(directory))
  ))

const fillDisk = (directory: string) => {
  const descriptor = Fs.openSync(`${directory}/filler`, "w")
  try {
    for (;;) Fs.writeSync(descriptor, new Uint8Array(4096))
  } catch {
    Fs.closeSync(descriptor)
  }
}

/** As on a file system that has no links. */
const withoutLinks = spied(() =>
  vi.spyOn(NodeFs, "linkSync").mockImplementation(() => {
    throw Object.assign(new Error("EPERM: injected"), { code: "EPERM" })
  })
)

/** As on a network disk that says only when a file is closed that it could not be written. */
const withoutClosing = spied(() => {
  const close = Fs.closeSync
  return vi.spyOn(NodeFs, "closeSync").mockImplementation((descriptor) => {
    close(descriptor)
    throw Object.assign(new Error("EIO: injected"), { code: "EIO" })
  })
})

const aMebibyte = "x".repeat(1024 * 1024)

describe("NodeAttachmentJournal: its files", () => {
  it.live("are named as records are, readable for their owner only, and leave no draft", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* journal.note(key, started)
        yield* journal.audit("gave up c0")
        const file = `${shardIn(base, "c1")}/net-c1-eth0`
        assert.strictEqual(journal.pathOf(key), file)
        assert.strictEqual(
          Fs.readFileSync(file, "utf8"),
          JournalEntry.encode(entry) + JournalEntry.encodeEvent(started)
        )
        assert.deepStrictEqual(
          [base, `${base}/journal`, `${base}/journal-drafts`, file, `${base}/abandoned.log`].map(mode),
          ["700", "700", "700", "600", "600"]
        )
        assert.deepStrictEqual(filesIn(`${base}/journal`), ["net-c1-eth0"])
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`), [])
      })
    ))

  it.live("leave no draft when there is an entry already", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        assert.isFalse(yield* journal.begin(entry))
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`), [])
      })
    ))

  it.live("tell a journal from one that was made anew in its place, also with the same inode", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        const directory = `${base}/journal`
        const made = Effect.suspend(() => {
          Fs.mkdirSync(directory, { recursive: true })
          return journal.identity
        })
        const first = yield* made
        const { ino } = Fs.statSync(directory)
        for (let attempt = 0, isAgain = false; attempt < 100 && !isAgain; attempt++) {
          Fs.rmdirSync(directory)
          assert.notStrictEqual(yield* made, first)
          isAgain = Fs.statSync(directory).ino === ino
        }
      })
    ))

  it.live("are not made by looking for them", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.get(key)
        yield* journal.list()
        yield* journal.remove(key)
        yield* journal.sweep
        yield* Effect.flip(journal.note(key, started))
        assert.isFalse(Fs.existsSync(base))
      })
    ))

  it.live("are listed in slices, between which others go on", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        const three = ["a", "b", "c"].map((network) => ({ ...entry, network }))
        yield* Effect.forEach(three, journal.begin)
        const { result, turns } = yield* withTurns(5, journal.list("c1"))
        assert.deepStrictEqual(result, { entries: three, damaged: [] })
        assert.strictEqual(turns, 3)
      })
    ))

  it.live("are not listed where the directory leads to itself, and say so", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.rmSync(`${base}/journal`, { recursive: true })
        Fs.symlinkSync("journal", `${base}/journal`)
        const error = yield* Effect.flip(journal.list())
        assert.deepStrictEqual([error.operation, error.reason, error.path], ["list", "ELOOP", `${base}/journal`])
      })
    ))

  it.live("are made where there are no links, too, and once", () =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        yield* withoutLinks
        assert.isTrue(yield* journal.begin(entry))
        assert.isFalse(yield* journal.begin({ ...entry, id: "2" }))
        assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`), [])
      }))
    ))

  it.live("are shared with every other journal of the directory", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const inAnother = <A, E>(body: (journal: AttachmentJournal["Service"]) => Effect.Effect<A, E>) =>
        withJournal(body, Effect.succeed(directory))
      assert.isTrue(yield* inAnother((journal) => journal.begin(entry)))
      assert.isFalse(yield* inAnother((journal) => journal.begin({ ...entry, id: "2" })))
      yield* inAnother((journal) => journal.note(key, failed))
      const found = yield* inAnother((journal) => journal.get(key))
      assert(Option.isSome(found))
      assert.deepStrictEqual([found.value.id, found.value.state], ["1", "failed"])
    }))

  it.live("are made again when a cleaner has removed their directories", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        for (const name of ["journal", "journal-drafts"]) {
          Fs.rmSync(`${base}/${name}`, { recursive: true })
          yield* journal.remove(key)
          assert.isTrue(yield* journal.begin(entry))
        }
      })
    ))

  it.live("keep what was given up, a line each", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.audit("gave up c0")
        yield* journal.begin(entry)
        yield* journal.remove(key)
        yield* journal.audit("gave up c1")
        assert.strictEqual(Fs.readFileSync(`${base}/abandoned.log`, "utf8"), "gave up c0\ngave up c1\n")
      })
    ))

  it.live("are damaged when they are about another attachment than their name says", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.mkdirSync(shardIn(base, "c2"))
        Fs.renameSync(`${shardIn(base, "c1")}/net-c1-eth0`, `${shardIn(base, "c2")}/net-c2-eth0`)
        const error = yield* Effect.flip(journal.get({ ...key, containerId: "c2" }))
        assert(error._tag === "CacheEntryInvalid")
        assert.deepStrictEqual([error.path, error.issue], [
          `${shardIn(base, "c2")}/net-c2-eth0`,
          "it is not about the attachment of its name"
        ])
        const { damaged, entries } = yield* journal.list()
        assert.deepStrictEqual([entries, damaged.map(({ path }) => path)], [[], [error.path]])
      })
    ))

  it.live("are damaged when they are deeper than the limit", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        yield* journal.begin({ ...entry, result: { a: { b: { c: [] } } } })
        const limits = { maxBytes: 1024, maxDepth: 1 }
        const shallow = <A, E>(effect: Effect.Effect<A, E>) =>
          effect.pipe(
            Effect.provideService(Tunables.JsonLimit, limits),
            Effect.provideService(Tunables.OutputLimit, { stdout: limits, stderrBytes: 0 })
          )
        assert.strictEqual((yield* Effect.flip(shallow(journal.get(key))))._tag, "CacheEntryInvalid")
        assert.strictEqual((yield* shallow(journal.list())).damaged.length, 1)
        assert.strictEqual((yield* journal.list()).entries.length, 1)
      })
    ))
})

describe("NodeAttachmentJournal: what dead writers leave", () => {
  const startTimeOf = (pid: number) =>
    Fs.readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ")[19]

  it.live("is removed, and nothing else is", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        const { pid: dead } = ChildProcess.spawnSync("true")
        const ours = startTimeOf(process.pid)
        const left = [`${dead}-4242-abc-0.tmp`, `${dead}--abc-1.tmp`, `${process.pid}-1-abc-2.tmp`]
        const kept = [
          `${process.pid}-${ours}-abc-3.tmp`,
          `${process.pid}--abc-4.tmp`,
          `${dead}.tmp`,
          `${dead}-4242-abc-0`,
          `x${dead}-4242-abc-0.tmp`,
          "README"
        ]
        for (const name of [...left, ...kept]) writeFile(`${base}/journal-drafts`, name, "")
        writeFile(`${base}/journal`, `${dead}-4242-abc-0.tmp`, "")
        yield* journal.sweep
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`).toSorted(), kept.toSorted())
        assert.deepStrictEqual(filesIn(`${base}/journal`), [`${dead}-4242-abc-0.tmp`])
      })
    ))

  it.live("does not stand in the way of others", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        writeFile(`${base}/journal-drafts`, `${process.pid}-1-abc-0.tmp`, "half an ent")
        assert.isTrue(yield* journal.begin(entry))
        assert.deepStrictEqual(yield* journal.list(), { entries: [entry], damaged: [] })
      })
    ))
})

describe("NodeAttachmentJournal: loss of power", () => {
  it.live("is survived by the entry and its states when they must be, and only then is anything synced", () =>
    withJournal((journal) =>
      Effect.scoped(Effect.gen(function*() {
        const spy = yield* spied(() => vi.spyOn(NodeFs, "fsyncSync"))
        const after = <A>(write: Effect.Effect<A, CniError.CacheIoError>) =>
          Effect.suspend(() => {
            spy.mockClear()
            return Effect.map(write, () => spy.mock.calls.length)
          })
        const inTurn = Effect.all([
          after(journal.begin(entry)),
          after(journal.note(key, started)),
          after(journal.note(key, failed)),
          after(journal.remove(key))
        ])
        assert.deepStrictEqual(yield* inTurn, [0, 0, 0, 0])
        // The draft, its directory and the three above; nothing, the file, the directory.
        assert.deepStrictEqual(
          yield* Effect.provideService(inTurn, Tunables.Durability, "power-loss"),
          [5, 0, 1, 1]
        )
        // Those above once for good.
        assert.deepStrictEqual(
          yield* Effect.provideService(inTurn, Tunables.Durability, "power-loss"),
          [2, 0, 1, 1]
        )
      }))
    ))
})

describe("NodeAttachmentJournal: loss of power, below a directory that is another user's", () => {
  const withRefused = (code: string) =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        const open = Fs.openSync
        yield* spied(() =>
          vi.spyOn(NodeFs, "openSync").mockImplementation((...args) => {
            if (args[0] === Path.dirname(base)) throw Object.assign(new Error(`${code}: injected`), { code })
            return open(...args)
          })
        )
        return yield* Effect.provideService(
          Effect.result(journal.begin(entry)),
          Tunables.Durability,
          "power-loss"
        )
      }))
    )

  it.live.each(["EACCES", "EROFS", "EINVAL"])("syncs no more than it may (%s)", (code) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* withRefused(code), Result.succeed(true))
    }))

  it.live("fails where that is not the reason", () =>
    Effect.gen(function*() {
      assert.isTrue(Result.isFailure(yield* withRefused("EIO")))
    }))
})

const openIn = (directory: string): number =>
  Fs.readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return Fs.readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(directory)
    } catch {
      return false
    }
  }).length

describe("NodeAttachmentJournal: an entry that is worked on", () => {
  it.live("cannot be added to when a cleaner has removed it", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.rmSync(journal.pathOf(key))
        assert.strictEqual((yield* Effect.flip(journal.note(key, started))).reason, "ENOENT")
        assert.isTrue(Option.isNone(yield* journal.get(key)))
      })
    ))

  it.live("is the one of its name, where another process has removed it and made it again", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        const text = Fs.readFileSync(journal.pathOf(key), "utf8")
        Fs.rmSync(journal.pathOf(key))
        Fs.writeFileSync(journal.pathOf(key), text)
        yield* journal.note(key, failed)
        assert.strictEqual(Option.getOrUndefined(yield* journal.get(key))?.state, "failed")
      })
    ))

  it.live("is not a copy of it that shares its content", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.linkSync(journal.pathOf(key), `${base}/backup`)
        const before = Fs.readFileSync(`${base}/backup`, "utf8")
        Fs.rmSync(journal.pathOf(key))
        assert.strictEqual((yield* Effect.flip(journal.note(key, started))).reason, "ENOENT")
        assert.strictEqual(Fs.readFileSync(`${base}/backup`, "utf8"), before)
      })
    ))

  it.live("is the one of its name, where the directory was moved and made again", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.cpSync(`${base}/journal`, `${base}/new`, { recursive: true })
        Fs.renameSync(`${base}/journal`, `${base}/old`)
        Fs.renameSync(`${base}/new`, `${base}/journal`)
        yield* journal.note(key, failed)
        assert.strictEqual(Option.getOrUndefined(yield* journal.get(key))?.state, "failed")
      })
    ))

  it.live("tells what went wrong first, and loses no descriptor, where nothing can be closed", () =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* withoutClosing
        yield* spied(() =>
          vi.spyOn(NodeFs, "writeFileSync").mockImplementation(() => {
            throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })
          })
        )
        assert.strictEqual((yield* Effect.flip(journal.note(key, started))).reason, "ENOSPC")
        assert.strictEqual(openIn(base), 0)
      }))
    ))

  it.live("is not taken for written where it cannot be closed", () =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* withoutClosing
        assert.strictEqual((yield* Effect.flip(journal.note(key, failed))).reason, "EIO")
        assert.strictEqual(openIn(base), 0)
      }))
    ))

  it.live("is there when its draft cannot be removed", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        yield* Effect.scoped(Effect.gen(function*() {
          yield* spied(() =>
            vi.spyOn(NodeFs, "unlinkSync").mockImplementation(() => {
              throw Object.assign(new Error("EIO: i/o error, unlink"), { code: "EIO" })
            })
          )
          assert.isTrue(yield* journal.begin(entry))
        }))
        yield* journal.note(key, failed)
        assert.strictEqual(Option.getOrUndefined(yield* journal.get(key))?.state, "failed")
      })
    ))

  it.live("takes a whole line after the part of one that another process has left", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* journal.note(key, started)
        Fs.appendFileSync(journal.pathOf(key), `{"event":"beca`)
        yield* journal.note(key, failed)
        assert.strictEqual(Option.getOrUndefined(yield* journal.get(key))?.state, "failed")
      })
    ))
})

describe("NodeAttachmentJournal: refusals", () => {
  it.live("says what stands in the way of an entry", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        Fs.mkdirSync(`${shardIn(base, "c1")}/net-c1-eth0/x`, { recursive: true })
        const read = yield* Effect.flip(journal.get(key))
        assert(read._tag === "CacheIoError")
        assert.deepStrictEqual([read.operation, read.path, read.reason], ["read", journal.pathOf(key), "EISDIR"])
        assert.isFalse(yield* journal.begin(entry))
        assert.strictEqual((yield* Effect.flip(journal.note(key, started))).operation, "write")
        assert.strictEqual((yield* Effect.flip(journal.remove(key))).operation, "remove")
      })
    ))

  it.live("lists what can be read when something cannot", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        Fs.mkdirSync(`${shardIn(base, "c2")}/net-c2-eth0`, { recursive: true })
        const { damaged, entries } = yield* journal.list()
        assert.deepStrictEqual([entries, damaged.map(({ path }) => path)], [
          [entry],
          [`${shardIn(base, "c2")}/net-c2-eth0`]
        ])
      })
    ))

  const inWords = (error: CniError.CacheIoError | CniError.CacheEntryInvalid) =>
    error._tag === "CacheIoError" ? `${error.operation} ${error.reason}` : error._tag

  it.live.each(["effect-cni", "effect-cni/journal"])(
    "says when %s is a file",
    (name) =>
      withJournal((journal, base) =>
        Effect.gen(function*() {
          writeFile(`${base}/..`, name, "not a directory")
          assert.deepStrictEqual(
            [
              yield* Effect.flip(journal.get(key)),
              yield* Effect.flip(journal.begin(entry)),
              yield* Effect.flip(journal.note(key, started)),
              yield* Effect.flip(journal.remove(key)),
              yield* Effect.flip(journal.list())
            ].map(inWords),
            ["read", "write", "write", "remove", "list"].map((operation) => `${operation} ENOTDIR`)
          )
        })
      )
  )

  it.live("says when there is no place for drafts, or for what was given up", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        writeFile(base, "journal-drafts", "not a directory")
        Fs.mkdirSync(`${base}/abandoned.log`)
        assert.deepStrictEqual(
          [
            yield* Effect.flip(journal.begin(entry)),
            yield* Effect.flip(journal.sweep),
            yield* Effect.flip(journal.audit("gave up c0"))
          ].map(inWords),
          ["write ENOTDIR", "remove ENOTDIR", "write EISDIR"]
        )
        assert.deepStrictEqual(yield* journal.get(key), Option.none())
      })
    ))

  it.live("never leaves its directory, for any key", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        const victim = writeFile(base, "victim", JournalEntry.encode(entry))
        yield* journal.begin(entry)
        for (const ifName of ["/../../victim", "x/../../victim", "..\\victim", "\0", "eth0\0"]) {
          const evil = { network: "..", containerId: "..", ifName }
          const failures = [
            yield* Effect.flip(journal.get(evil)),
            yield* Effect.flip(journal.begin({ ...entry, ...evil })),
            yield* Effect.flip(journal.note(evil, started)),
            yield* Effect.flip(journal.remove(evil))
          ]
          assert.deepStrictEqual(
            failures.map(inWords),
            ["read", "write", "write", "remove"].map((operation) => `${operation} InvalidName`)
          )
        }
        assert.deepStrictEqual(namesIn(base).toSorted(), ["journal", "journal-drafts", "victim"])
        assert.strictEqual(Fs.readFileSync(victim, "utf8"), JournalEntry.encode(entry))
      })
    ))

  it.live("finds nothing under a name that is too long for a file, and says so when it is to be one", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        const longest = { ...entry, containerId: "c".repeat(255 - "net--eth0".length) }
        assert.isTrue(yield* journal.begin(longest))
        assert.deepStrictEqual(yield* journal.get(longest), Option.some(longest))
        const tooLong = { ...entry, containerId: `${longest.containerId}c` }
        assert.deepStrictEqual(yield* journal.get(tooLong), Option.none())
        yield* journal.remove(tooLong)
        assert.strictEqual(inWords(yield* Effect.flip(journal.begin(tooLong))), "write ENAMETOOLONG")
        assert.strictEqual(inWords(yield* Effect.flip(journal.note(tooLong, started))), "write ENAMETOOLONG")
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`), [])
      })
    ))

  it.live(
    "says that a directory is not to be written to, and reads it",
    ({ skip }) =>
      process.getuid?.() === 0 ?
        skip("this takes an ordinary user") :
        withJournal((journal, base) =>
          Effect.gen(function*() {
            yield* journal.begin(entry)
            Fs.chmodSync(shardIn(base, "c1"), 0o500)
            assert.strictEqual(inWords(yield* Effect.flip(journal.remove(key))), "remove EACCES")
            const containerId = besideC1
            assert.strictEqual(inWords(yield* Effect.flip(journal.begin({ ...entry, containerId }))), "write EACCES")
            assert.deepStrictEqual(yield* journal.list(), { entries: [entry], damaged: [] })
            Fs.chmodSync(shardIn(base, "c1"), 0o700)
          })
        )
  )
})

describe("NodeAttachmentJournal: a disk", () => {
  needs("the right to mount", canMount)

  const onSmallDisk = <A, E>(body: (journal: AttachmentJournal["Service"], base: string) => Effect.Effect<A, E>) =>
    withJournal(body, smallDisk)

  it.live("that is full takes no entry, and no part of one", () =>
    onSmallDisk((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin({ ...entry, containerId: "c0" })
        fillDisk(base)
        const error = yield* Effect.flip(journal.begin(entry))
        assert.deepStrictEqual([error.operation, error.reason], ["write", "ENOSPC"])
        assert.include(error.message, "free space")
        assert.deepStrictEqual(filesIn(`${base}/journal`), ["net-c0-eth0"])
        assert.deepStrictEqual(namesIn(`${base}/journal-drafts`), [])
      })
    ))

  it.live("that is full can be made room on", () =>
    onSmallDisk((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        fillDisk(base)
        yield* journal.remove(key)
        assert.deepStrictEqual(yield* journal.list(), { entries: [], damaged: [] })
      })
    ))

  it.live("that becomes full while an entry is written takes no part of it", () =>
    onSmallDisk((journal, base) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(journal.begin({ ...entry, netns: aMebibyte }))
        assert.deepStrictEqual([error.operation, error.reason], ["write", "ENOSPC"])
        assert.deepStrictEqual([filesIn(`${base}/journal`), namesIn(`${base}/journal-drafts`)], [[], []])
      })
    ))

  it.live("that becomes full while something is added leaves the entry as it was", () =>
    onSmallDisk((journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        const error = yield* Effect.flip(journal.note(key, { _tag: "Succeeded", result: { aMebibyte } }))
        assert.deepStrictEqual([error.operation, error.reason], ["write", "ENOSPC"])
        assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
      })
    ))

  it.live("that becomes full, and has no links, takes no part of an entry either", () =>
    onSmallDisk((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        yield* withoutLinks
        // The draft takes most of the disk.
        const error = yield* Effect.flip(journal.begin({ ...entry, netns: aMebibyte.slice(0, 40_000) }))
        assert.deepStrictEqual([error.operation, error.reason], ["write", "ENOSPC"])
        assert.deepStrictEqual([filesIn(`${base}/journal`), namesIn(`${base}/journal-drafts`)], [[], []])
      }))
    ))

  it.live("that is read-only takes no first entry, and says why", () =>
    Effect.gen(function*() {
      const directory = yield* smallDisk
      assert.isTrue(mount("-o", "remount,ro", directory))
      yield* withJournal((journal) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* Effect.flip(journal.begin(entry))).reason, "EROFS")
          assert.deepStrictEqual(yield* journal.list(), { entries: [], damaged: [] })
        }), Effect.succeed(directory))
    }))

  it.live("that is read-only is read", () =>
    Effect.gen(function*() {
      const directory = yield* smallDisk
      yield* withJournal((journal) => journal.begin(entry), Effect.succeed(directory))
      yield* withJournal((journal) =>
        Effect.gen(function*() {
          assert.isTrue(mount("-o", "remount,ro", directory))
          assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
          assert.strictEqual((yield* Effect.flip(journal.begin({ ...entry, containerId: "c2" }))).reason, "EROFS")
          assert.strictEqual((yield* Effect.flip(journal.note(key, started))).reason, "EROFS")
          assert.strictEqual((yield* Effect.flip(journal.remove(key))).reason, "EROFS")
        }), Effect.succeed(directory))
    }))
})
