/** What was listed of a container when its lock was had, and what may have changed since. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentJournal, AttachmentKey, type JournalEntry, OrphanPlugins } from "effect-cni"
import { MemoryAttachmentCache, MemoryAttachmentJournal } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { lookUp, valueOf } from "../../src/programs/attachment/lookUp.ts"
import { openSession } from "../../src/programs/guard/attachmentSession.ts"
import { record } from "../contract/AttachmentCache.contract.ts"
import { entry } from "../contract/AttachmentJournal.contract.ts"

const entryOf = (network: string, state: JournalEntry.AttachmentState) => ({ ...entry, network, state, id: network })

const key = AttachmentKey.of(entryOf("net", "adding"))

const stores = Layer.merge(MemoryAttachmentJournal.layer(), MemoryAttachmentCache.layer())

describe("what was listed with the lock", () => {
  it.effect("is listed again after plugins were waited for, since a scope may have given over meanwhile", () =>
    Effect.gen(function*() {
      const journal = yield* AttachmentJournal
      yield* journal.begin(entryOf("net", "attached"))
      yield* journal.begin(entryOf("other", "deleting"))
      const given = { _tag: "Became", state: "failed", at: 2000, issue: "given over", id: "net" } as const
      const awaitOrKill = () => Effect.orDie(journal.note(key, given))
      const session = yield* Effect.provideService(openSession(key), OrphanPlugins, { awaitOrKill })
      assert.deepStrictEqual(
        Result.getOrThrow(session.entries).map(({ network, state }) => [network, state]),
        [["net", "failed"], ["other", "deleting"]]
      )
    }).pipe(Effect.provide(stores)))

  it.effect("is read again before a newer record makes it worth nothing", () =>
    Effect.gen(function*() {
      const journal = yield* AttachmentJournal
      yield* journal.begin(entryOf("net", "adding"))
      const { entries } = yield* journal.list("c1")
      yield* journal.note(key, { _tag: "Succeeded", result: record.result })
      yield* journal.note(key, { _tag: "Succeeded", result: record.result })
      yield* (yield* AttachmentCache).put({ ...record, ...key })
      yield* journal.note(key, { _tag: "Became", state: "attached", at: 2000 })
      const { entry } = yield* lookUp(key, entries[0])
      assert.strictEqual(valueOf(entry)?.state, "attached")
      assert.lengthOf((yield* journal.list("c1")).entries, 1)
    }).pipe(Effect.provide(stores)))
})
