/** How a journal finds the entries of one container among those of all, and what can become of what it finds them by. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentJournal, JournalEntry } from "effect-cni"
import { NodeAttachmentJournal } from "effect-cni/node"
import * as Effect from "effect/Effect"
import NodeFs, * as Fs from "node:fs"
import { entry } from "../contract/AttachmentJournal.contract.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { spied } from "../support/spied.ts"

const c1 = { ...entry, containerId: "c1" }
const c2 = { ...entry, containerId: "c2" }
const onOther = { ...c1, network: "other" }

const withJournal = <A, E>(
  body: (journal: AttachmentJournal["Service"], base: string) => Effect.Effect<A, E>
) =>
  Effect.flatMap(temporaryDirectory, (directory) =>
    Effect.provide(
      AttachmentJournal.use((journal) => body(journal, `${directory}/effect-cni`)),
      NodeAttachmentJournal.layer(directory)
    ))

const filesIn = (base: string) =>
  Fs.readdirSync(`${base}/journal-containers`).map((name) => `${base}/journal-containers/${name}`)

const theFile = (base: string): string => {
  const [file = "", ...others] = filesIn(base)
  assert.deepStrictEqual(others, [])
  return file
}

const entriesOf = (journal: AttachmentJournal["Service"], containerId: string) =>
  Effect.map(journal.list(containerId), ({ entries }) => entries)

describe("containerIndex", () => {
  it.live("spares a container the list of all others", () =>
    withJournal((journal) =>
      Effect.scoped(Effect.gen(function*() {
        for (const one of [c1, c2, onOther]) assert.isTrue(yield* journal.begin(one))
        const listing = yield* spied(() => vi.spyOn(NodeFs, "readdirSync"))
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1, onOther])
        assert.deepStrictEqual(yield* entriesOf(journal, "c2"), [c2])
        assert.deepStrictEqual(yield* entriesOf(journal, "c3"), [])
        assert.strictEqual(listing.mock.calls.length, 0)
      }))
    ))

  it.live("is for its owner only, and keeps nothing of a container that has no entry", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(c1)
        yield* journal.begin(onOther)
        const file = theFile(base)
        const modes = [`${base}/journal-containers`, file].map((path) => Fs.statSync(path).mode & 0o777)
        assert.deepStrictEqual(modes, [0o700, 0o600])
        yield* journal.remove(c1)
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [onOther])
        assert.deepStrictEqual(filesIn(base), [file])
        yield* journal.remove(onOther)
        assert.deepStrictEqual(filesIn(base), [])
      })
    ))

  it.live("does not grow when the same attachment comes and goes", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(onOther)
        yield* journal.begin(c1)
        const { size } = Fs.statSync(theFile(base))
        yield* journal.remove(c1)
        yield* journal.begin(c1)
        assert.strictEqual(Fs.statSync(theFile(base)).size, size)
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1, onOther])
      })
    ))

  it.live("is made of the entries that were there before it, those that are damaged too", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        writeFile(`${base}/journal`, "net-c1-eth0", JournalEntry.encode(c1))
        const damaged = writeFile(`${base}/journal`, "net-c2-eth1", "{")
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1])
        yield* journal.begin(c2)
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1])
        const listed = yield* journal.list("c2")
        assert.deepStrictEqual([listed.entries, listed.damaged.map(({ path }) => path)], [[c2], [damaged]])
        assert.deepStrictEqual(Fs.readdirSync(`${base}/journal-drafts`), [])
      })
    ))

  it.live("is the one that another process has made at the same moment", () =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        const real = Fs.renameSync
        yield* spied(() =>
          vi.spyOn(NodeFs, "renameSync").mockImplementation((from, to) => {
            writeFile(`${base}/journal-containers`, "somebody", `\n"x-y-z"\n`)
            real(from, to)
          })
        )
        assert.isTrue(yield* journal.begin(c1))
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1])
        assert.strictEqual(filesIn(base).length, 2)
        assert.deepStrictEqual(Fs.readdirSync(`${base}/journal-drafts`), [])
      }))
    ))

  it.live("is made again when somebody has removed it", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(c1)
        Fs.rmSync(`${base}/journal-containers`, { recursive: true })
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1])
        yield* journal.begin(onOther)
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1, onOther])
      })
    ))

  it.live("loses no name where the one before it was cut off", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(c1)
        Fs.appendFileSync(theFile(base), `\n"cut-o`)
        yield* journal.begin(onOther)
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1, onOther])
      })
    ))

  it.live("does not lead out of the journal, whatever is in it", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(c1)
        writeFile(base, "victim", JournalEntry.encode(onOther))
        for (const name of ["../victim", "..", "", 1, null, ["net-c1-eth0"]]) {
          Fs.appendFileSync(theFile(base), `\n${JSON.stringify(name)}\n`)
        }
        assert.deepStrictEqual(yield* journal.list("c1"), { entries: [c1], damaged: [] })
      })
    ))

  it.live("keeps no name of an entry that could not be made", () =>
    withJournal((journal, base) =>
      Effect.scoped(Effect.gen(function*() {
        yield* journal.begin(c2)
        const before = filesIn(base)
        yield* spied(() =>
          vi.spyOn(NodeFs, "linkSync").mockImplementation(() => {
            throw Object.assign(new Error("EIO: injected"), { code: "EIO" })
          })
        )
        assert.strictEqual((yield* Effect.flip(journal.begin(c1))).reason, "EIO")
        assert.deepStrictEqual(filesIn(base), before)
      }))
    ))

  it.live("keeps the name of an entry that is begun a second time", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        assert.isTrue(yield* journal.begin(c1))
        assert.isFalse(yield* journal.begin({ ...c1, id: "2" }))
        assert.deepStrictEqual(yield* entriesOf(journal, "c1"), [c1])
      })
    ))

  it.live("forgets an hour later what somebody began who died before there was an entry", () =>
    withJournal((journal, base) =>
      Effect.gen(function*() {
        yield* journal.begin(c1)
        const kept = theFile(base)
        const [old, young] = ["a", "b"].map((name) =>
          writeFile(`${base}/journal-containers`, name.repeat(32), `\n"net-${name}-eth0"\n`)
        )
        const anHourAgo = Date.now() / 1000 - 3601
        for (const file of [kept, old ?? ""]) Fs.utimesSync(file, anHourAgo, anHourAgo)
        yield* journal.sweep
        assert.sameMembers(filesIn(base), [kept, young])
      })
    ))
})
