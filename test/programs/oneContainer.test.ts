/** Several attachments of one container, which are worked on one after the other. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, JournalEntry, Tunables } from "effect-cni"
import { Faults, MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { leftBehind } from "../support/journalEntry.ts"
import { c1, network } from "../support/network.ts"

const one = network(["a"], { cniVersion: "1.1.0", name: "one" })
const other = network(["a"], { cniVersion: "1.1.0", name: "other" })
const slow = MemoryCni.layer({ a: { DEL: new MemoryCni.Reply({ delay: "15 seconds" }) } })

const left = ["n1", "n2", "n3"]

const attachments = [
  { list: one, conf: { ...c1, ifName: "eth0" } },
  { list: one, conf: { ...c1, ifName: "eth1" } },
  { list: other, conf: { ...c1, ifName: "eth2" } },
  { list: one, conf: { ...c1, containerId: "c2" } }
]

describe("attachments of one container", () => {
  it.effect("are all recovered at once, those on other networks too", () =>
    Effect.gen(function*() {
      for (const { conf, list } of attachments) {
        const runtime = yield* Faults.make(({ call, when }) =>
          call === "run a ADD" && when === "during" ? Faults.crash : undefined
        )
        yield* runtime.run(Cni.addNetworkList(list, conf))
      }
      const recovering = yield* Effect.forkChild(Cni.recover, { startImmediately: true })
      yield* TestClock.adjust("45 seconds")
      const { failing, live, recovered } = yield* Fiber.join(recovering)
      assert.deepStrictEqual([failing, live], [[], []])
      assert.sameMembers(recovered.map(({ containerId, ifName }) => `${containerId} ${ifName}`), [
        "c1 eth0",
        "c1 eth1",
        "c1 eth2",
        "c2 eth0"
      ])
    }).pipe(Effect.provide(slow)))

  it.effect("of three networks that dead runtimes have left on one interface make room for the next ADD", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(network(["a", "b"]), c1)
      assert.deepStrictEqual(
        (yield* PluginInvocations.use(({ all }) => all)).map((run) => `${run.plugin} ${run.command} ${run.network}`),
        [...left.flatMap((name) => [`b DEL ${name}`, `a DEL ${name}`]), "a ADD net", "b ADD net"]
      )
      const { entries } = yield* AttachmentJournal.use((journal) => journal.list())
      assert.deepStrictEqual(entries.map((entry) => entry.network), ["net"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} }, {
      journal: Object.fromEntries(
        left.map((name) => [`${name}-c1-eth0`, JournalEntry.encode(leftBehind({ ...c1, network: name }))])
      )
    }))))

  it.effect("do not wait for each other in a GC for longer than a lock is waited for", () =>
    Effect.gen(function*() {
      for (const { conf, list } of attachments) yield* Cni.addNetworkList(list, conf)
      const collecting = yield* Cni.gcNetworkList(one, { keep: [] }).pipe(
        Effect.provideService(Tunables.LockWaitLimit, "10 seconds"),
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(collecting)
      const left = yield* Cni.getCachedAttachments()
      assert.deepStrictEqual(left.map(({ ifName, network }) => `${network} ${ifName}`), ["other eth2"])
    }).pipe(Effect.provide(slow)))
})
