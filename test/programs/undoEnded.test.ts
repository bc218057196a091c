/** An undo that does not come to its end either: what it leaves is finished by the next runtime, or by the one after it. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, type CniServices } from "effect-cni"
import { Faults, MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { allocating, type Ledger, untidy } from "../support/ledger.ts"
import { c1, network } from "../support/network.ts"

const plugins = ["a", "b"]
const net = network(plugins, { cniVersion: "1.1.0" })

/** Where an ADD goes wrong, so that it is undone. */
const wrongAt: Readonly<Record<string, (step: Faults.Step) => boolean>> = {
  "a plugin runs": ({ call, when }) => call === "run b ADD" && when === "after",
  "the record was written": ({ call, when }) => call === "put" && when === "after"
}

const add = Cni.addNetworkList(net, c1)
const bystander = { ...c1, containerId: "c2" }

/** What finishes that a dead runtime has left. */
const finishers: Readonly<Record<string, Effect.Effect<unknown, { readonly _tag: string }, Cni | CniServices>>> = {
  recover: Cni.recover,
  "the next ADD": add,
  DEL: Cni.delNetworkList(net, c1),
  detach: Cni.detach(net, c1),
  delAttachment: Cni.delAttachment({ network: "net", containerId: "c1", ifName: "eth0" }),
  GC: Cni.gcNetworkList(net, { keep: [bystander] })
}

const dyingAt = (plan: (step: Faults.Step) => boolean) => Faults.make((step) => plan(step) ? Faults.crash : undefined)

const cases = Object.entries(wrongAt).flatMap(([where, isWrong]) => [
  { where, isWrong, how: "refused", fault: Faults.fail("EIO") },
  { where, isWrong, how: "interrupted", fault: Faults.interrupt }
])

interface Case {
  readonly isWrong: (step: Faults.Step) => boolean
  readonly fault: Faults.Fault
}

/** Runs an ADD that goes wrong, in a runtime that dies so many steps later, if it comes to that; tells whether it did. */
const dieInUndo = Effect.fnUntraced(function*({ fault, isWrong }: Case, later: number) {
  let wrong: number | undefined
  const runtime = yield* Faults.make((step) => {
    if (wrong !== undefined) return step.index === wrong + later ? Faults.crash : undefined
    if (!isWrong(step)) return undefined
    wrong = step.index
    return fault
  })
  const end = yield* runtime.run(add)
  assert.isDefined(wrong)
  return Option.isNone(end)
})

/** Lets a runtime die so many steps after it was to be undone, for every number, and others live on beside it. */
const atEveryStep = Effect.fnUntraced(function*(
  dying: (at: number) => Effect.Effect<boolean, { readonly _tag: string }, Cni | CniServices>,
  mayBeUp?: string
) {
  let at = 1
  for (let hasDied = true; hasDied; at++) {
    const ledger: Ledger = new Set()
    const plugin = allocating(ledger)
    hasDied = yield* Effect.gen(function*() {
      yield* Cni.addNetworkList(net, bystander)
      const hasDied = yield* dying(at)
      yield* Cni.recover
      assert.deepStrictEqual(yield* untidy(ledger, plugins), [], `killed at ${at}`)
      const kept = (yield* Cni.getCachedAttachments()).map(({ containerId }) => containerId)
      assert.deepStrictEqual(kept.filter((containerId) => containerId !== mayBeUp), ["c2"], `killed at ${at}`)
      return hasDied
    }).pipe(Effect.provide(MemoryCni.layer({ a: plugin, b: plugin })))
  }
  assert.isAbove(at, 10)
})

describe("an undo that is killed", () => {
  it.effect.each(cases)(
    "is finished by recover: of an ADD that was $how when $where",
    (one) => atEveryStep((at) => dieInUndo(one, at))
  )

  it.effect.each(Object.entries(finishers))(
    "is finished by recover: what a dead runtime left, by %s",
    ([, finisher]) =>
      atEveryStep(
        (at) =>
          Effect.gen(function*() {
            yield* (yield* dyingAt(({ call, when }) => call === "run b ADD" && when === "during")).run(add)
            return Option.isNone(yield* (yield* dyingAt(({ index }) => index === at)).run(finisher))
          }),
        finisher === add ? "c1" : undefined
      )
  )
})

describe("an abandoning that is killed", () => {
  it.effect("leaves an attachment as it was, or nothing that anybody takes for one", () =>
    Effect.gen(function*() {
      const kept = new Set<number>()
      let at = 0
      for (let hasDied = true; hasDied; at++) {
        hasDied = yield* Effect.gen(function*() {
          yield* add
          const abandoning = Cni.abandon({ network: "net", containerId: "c1", ifName: "eth0" })
          const end = yield* (yield* dyingAt(({ index }) => index === at)).run(abandoning)
          const { live, recovered } = yield* Cni.recover
          const records = yield* Cni.getCachedAttachments()
          const { entries } = yield* AttachmentJournal.use((journal) => journal.list())
          kept.add(records.length)
          assert.deepStrictEqual(recovered, [])
          assert.deepStrictEqual([live.length, entries.length], [records.length, records.length], `killed at ${at}`)
          return Option.isNone(end)
        }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: {} })))
      }
      assert.deepStrictEqual([...kept], [1, 0])
    }))
})
