/** Every operation, ended in every way at every step that it takes: what is left is what the journal promises. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, Cni, type CniServices } from "effect-cni"
import { Faults, MemoryCni, type PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { oneIn } from "../support/extent.ts"
import { allocating, type Ledger, untidy } from "../support/ledger.ts"
import { network } from "../support/network.ts"

const plugins = ["a", "b", "c"]
const net = network(plugins, { cniVersion: "1.1.0" })
const conf = (containerId: string) => ({ containerId, netns: `/run/netns/${containerId}`, ifName: "eth0" })
const add = (containerId: string) => Cni.addNetworkList(net, conf(containerId))
const keep = [{ containerId: "kept", ifName: "eth0" }]

type Program = Effect.Effect<unknown, { readonly _tag: string }, Cni | CniServices>

/** A runtime that dies in the middle of an ADD and of a DEL, and in a scope. */
const leaveThings = Effect.gen(function*() {
  yield* add("c2")
  const dyingAt = (call: string) =>
    Faults.make((step) => step.call === call && step.when === "during" ? Faults.crash : undefined)
  yield* (yield* dyingAt("run b ADD")).run(add("c1"))
  yield* (yield* dyingAt("run b DEL")).run(Cni.delNetworkList(net, conf("c2")))
  const dyingInScope = yield* Faults.make(({ call }) => call === "list" ? Faults.crash : undefined)
  yield* dyingInScope.run(Effect.scoped(Effect.andThen(Cni.attach(net, conf("c3")), Cni.getCachedAttachments())))
})

interface Operation {
  readonly name: string
  readonly before: Program
  readonly program: Program
  /** The containers that are attached when it was not, and when it was completed; between them it is one or the other. */
  readonly attached: { readonly without: ReadonlyArray<string>; readonly after: ReadonlyArray<string> }
}

const operations: ReadonlyArray<Operation> = [
  { name: "ADD", before: Effect.void, program: add("c1"), attached: { without: [], after: ["c1"] } },
  {
    name: "a scope",
    before: Effect.void,
    program: Effect.scoped(Cni.attach(net, conf("c1"))),
    attached: { without: [], after: [] }
  },
  {
    name: "DEL",
    before: add("c1"),
    program: Cni.delNetworkList(net, conf("c1")),
    attached: { without: ["c1"], after: [] }
  },
  {
    name: "detach",
    before: add("c1"),
    program: Cni.detach(net, conf("c1")),
    attached: { without: ["c1"], after: [] }
  },
  {
    name: "delAttachment",
    before: add("c1"),
    program: Cni.delAttachment({ network: "net", containerId: "c1", ifName: "eth0" }),
    attached: { without: ["c1"], after: [] }
  },
  {
    name: "GC",
    before: Effect.andThen(add("c1"), add("c2")),
    program: Cni.gcNetworkList(net, { keep }),
    attached: { without: ["c1", "c2"], after: [] }
  },
  { name: "recover", before: leaveThings, program: Cni.recover, attached: { without: [], after: [] } }
]

const faults: Readonly<Record<string, Faults.Fault>> = {
  interrupted: Faults.interrupt,
  killed: Faults.crash,
  refused: Faults.fail("EIO")
}

const attachedNow = AttachmentCache.use((cache) => cache.list()).pipe(
  Effect.map((records) => records.map(({ containerId }) => containerId)),
  Effect.orDie
)

interface World {
  readonly ledger: Ledger
  readonly layer: Layer.Layer<Cni | CniServices | PluginInvocations>
}

const makeWorld = (): World => {
  const ledger: Ledger = new Set()
  const plugin = allocating(ledger)
  return { ledger, layer: MemoryCni.layer({ a: plugin, b: plugin, c: plugin }) }
}

const stepsOf = ({ before, program }: Operation) =>
  Effect.gen(function*() {
    yield* Effect.andThen(add("kept"), before)
    const runtime = yield* Faults.make()
    yield* runtime.run(program)
    return yield* runtime.steps
  }).pipe(Effect.provide(makeWorld().layer))

const endAt = ({ attached, before, program }: Operation, fault: Faults.Fault, at: Faults.Step) => {
  const { layer, ledger } = makeWorld()
  return Effect.gen(function*() {
    const where = `at ${at.index}: ${at.when} ${at.service} ${at.call}`
    yield* Effect.andThen(add("kept"), before)
    const runtime = yield* Faults.make(({ index }) => index === at.index ? fault : undefined)
    const end = yield* runtime.run(program)
    const isWhole = Option.isSome(end) && Exit.isSuccess(end.value)
    yield* Cni.recover
    assert.deepStrictEqual(yield* untidy(ledger, plugins), [], where)
    const left = (yield* attachedNow).filter((containerId) => containerId !== "kept")
    assert.include(yield* attachedNow, "kept", where)
    if (isWhole) assert.deepStrictEqual(left, attached.after, where)
    for (const containerId of left) assert.include([...attached.without, ...attached.after], containerId, where)
  }).pipe(Effect.provide(layer))
}

describe("an operation that does not come to its end", () => {
  const cases = operations.flatMap((operation) =>
    Object.entries(faults).map(([how, fault]) => ({ operation, how, fault, name: `${operation.name}, ${how}` }))
  )
  it.effect.each(cases)(
    "leaves all or nothing of each attachment: $name",
    ({ fault, operation }) =>
      Effect.gen(function*() {
        const steps = yield* stepsOf(operation)
        assert.isAbove(steps.length, 20)
        yield* Effect.forEach(oneIn(5, steps), (step) => endAt(operation, fault, step), { discard: true })
      })
  )

  it.effect("leaves nothing behind that recover would be needed for, when an ADD is interrupted", () =>
    Effect.gen(function*() {
      const [operation] = operations
      assert(operation !== undefined)
      for (const { index } of yield* stepsOf(operation)) {
        const { layer, ledger } = makeWorld()
        yield* Effect.gen(function*() {
          yield* add("kept")
          const runtime = yield* Faults.make((step) => step.index === index ? Faults.interrupt : undefined)
          yield* runtime.run(operation.program)
          assert.deepStrictEqual(yield* untidy(ledger, plugins), [])
        }).pipe(Effect.provide(layer))
      }
    }))
})
