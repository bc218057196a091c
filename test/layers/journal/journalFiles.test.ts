/** Where an entry of a journal is, and where others of its name can be. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentJournal, AttachmentKey, JournalEntry } from "effect-cni"
import { NodeAttachmentJournal } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import NodeFs, * as Fs from "node:fs"
import * as Path from "node:path"
import { isShard, shardOf, shardsOf } from "../../../src/layers/journal/journalFiles.ts"
import { entry } from "../../contract/AttachmentJournal.contract.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import { spied } from "../../support/spied.ts"

const Part = Schema.String.check(Schema.isPattern(/^[a-z\d-]{0,12}$/))

const withJournal = <A, E>(
  body: (journal: AttachmentJournal["Service"], directory: string) => Effect.Effect<A, E>
) =>
  Effect.flatMap(temporaryDirectory, (directory) =>
    Effect.provide(
      AttachmentJournal.use((journal) => body(journal, `${directory}/effect-cni/journal`)),
      NodeAttachmentJournal.layer(directory)
    ))

describe("journalShards", () => {
  it.prop(
    "are named by two hex digits, and known by the file's name",
    [Part, Part, Part],
    ([network, containerId, ifName]) => {
      assert.isTrue(isShard(shardOf(containerId)))
      assert.isTrue(shardsOf(AttachmentKey.fileName({ network, containerId, ifName })).has(shardOf(containerId)))
    }
  )

  it("are those of each container that a name can be of", () => {
    assert.sameMembers([...shardsOf("a-b-c-d")], ["b", "b-c", "c"].map(shardOf))
    assert.deepStrictEqual([...shardsOf("net-c1-eth0")], [shardOf("c1")])
    assert.deepStrictEqual([...shardsOf("nameless")], [])
    assert.deepStrictEqual([...shardsOf("-".repeat(256))], [])
    assert.isTrue(shardsOf("-".repeat(255)).has(shardOf("-")))
  })

  it("are all used, about as much", () => {
    const counts = new Map<string, number>()
    for (let at = 0; at < 25_600; at++) {
      const shard = shardOf(`vm-${at}`)
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 64)
    assert.isBelow(Math.max(...counts.values()), 600)
  })

  it.live("keep an operation from the entries of others", () =>
    withJournal((journal, directory) =>
      Effect.gen(function*() {
        const others = Array.from({ length: 40 }, (_, at) => ({ ...entry, containerId: `other${at}` }))
          .filter(({ containerId }) => shardOf(containerId) !== shardOf(entry.containerId))
        yield* Effect.forEach([entry, ...others], journal.begin)
        // What is not looked at may be damaged.
        for (const { containerId } of others) {
          Fs.writeFileSync(`${directory}/${shardOf(containerId)}/x-${entry.containerId}-y`, "{")
        }
        assert.deepStrictEqual(yield* journal.list(entry.containerId), { entries: [entry], damaged: [] })
        assert.strictEqual((yield* journal.list()).entries.length, others.length + 1)
      })
    ))

  it.live("do not keep two attachments of one name from finding each other", () =>
    withJournal((journal) =>
      Effect.gen(function*() {
        const left = { ...entry, network: "a-b", containerId: "c", ifName: "d" }
        const right = { ...entry, network: "a", containerId: "b-c", ifName: "d" }
        assert.notStrictEqual(shardOf(left.containerId), shardOf(right.containerId))
        assert.isTrue(yield* journal.begin(left))
        assert.isFalse(yield* journal.begin(right))
        assert.deepStrictEqual(yield* journal.get(right), Option.some(left))
        assert.deepStrictEqual(yield* journal.list("b-c"), { entries: [], damaged: [] })
        yield* journal.remove(right)
        assert.deepStrictEqual(yield* journal.get(left), Option.some(left))
        yield* journal.remove(left)
        assert.isTrue(yield* journal.begin(right))
      })
    ))

  it.live("keep each of two apart that have one name all the same, as a crash can leave them", () =>
    withJournal((journal, directory) =>
      Effect.gen(function*() {
        const left = { ...entry, network: "a-b", containerId: "c", ifName: "d" }
        const right = { ...entry, network: "a", containerId: "b-c", ifName: "d" }
        assert.isTrue(yield* journal.begin(left))
        writeFile(`${directory}/${shardOf("b-c")}`, AttachmentKey.fileName(right), JournalEntry.encode(right))
        assert.deepStrictEqual(yield* journal.get(left), Option.some(left))
        assert.deepStrictEqual(yield* journal.get(right), Option.some(right))
        assert.sameDeepMembers([...(yield* journal.list()).entries], [left, right])
        yield* journal.remove(right)
        assert.deepStrictEqual(yield* journal.list(), { entries: [left], damaged: [] })
      })
    ))

  it.live("make nothing where the name is another attachment's, so that a crash leaves nothing", () =>
    withJournal((journal) =>
      Effect.scoped(Effect.gen(function*() {
        assert.isTrue(yield* journal.begin({ ...entry, network: "a-b", containerId: "c", ifName: "d" }))
        const link = yield* spied(() => vi.spyOn(NodeFs, "linkSync"))
        assert.isFalse(yield* journal.begin({ ...entry, network: "a", containerId: "b-c", ifName: "d" }))
        assert.strictEqual(link.mock.calls.length, 0)
      }))
    ))

  it.live("let neither of two go on that begin at the same moment, and none where that cannot be told", () =>
    withJournal((journal, directory) =>
      Effect.gen(function*() {
        const left = { ...entry, network: "a-b", containerId: "c", ifName: "d" }
        const right = { ...entry, network: "a", containerId: "b-c", ifName: "d" }
        const [leftFile, rightFile] = [left, right].map(journal.pathOf)
        yield* Effect.scoped(Effect.gen(function*() {
          const link = Fs.linkSync
          yield* spied(() =>
            vi.spyOn(NodeFs, "linkSync").mockImplementation((from, to) => {
              writeFile(Path.dirname(leftFile ?? ""), Path.basename(leftFile ?? ""), "another one's")
              link(from, to)
            })
          )
          assert.isFalse(yield* journal.begin(right))
        }))
        assert.isFalse(Fs.existsSync(rightFile ?? ""))
        assert.isTrue(Fs.existsSync(leftFile ?? ""))
        const loop = `${directory}/${shardOf(left.containerId)}`
        Fs.rmSync(loop, { recursive: true })
        Fs.symlinkSync(Path.basename(loop), loop)
        const error = yield* Effect.flip(journal.begin(right))
        assert.deepStrictEqual([error.operation, error.reason], ["write", "ELOOP"])
        assert.isFalse(Fs.existsSync(rightFile ?? ""))
      })
    ))

  it.live("show what is in none of them, or in the wrong one, as damaged", () =>
    withJournal((journal, directory) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        const own = journal.pathOf(entry)
        const [flat, wrong] = [`${directory}/net-c1-eth0`, `${directory}/${shardOf("c9")}/net-c1-eth0`]
        Fs.mkdirSync(`${directory}/${shardOf("c9")}`)
        for (const copy of [flat, wrong]) Fs.copyFileSync(own, copy)
        const { damaged, entries } = yield* journal.list()
        assert.deepStrictEqual(entries, [entry])
        assert.sameMembers(damaged.map(({ path }) => path), [flat, wrong])
      })
    ))
})
