/** Random sequences of all operations, disturbed in all ways, against a model of what must and may be there. */
import { assert, describe, it } from "@effect/vitest"
import { Cni } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { times } from "../support/extent.ts"
import { Host, inTime } from "./host.ts"
import { allowed, type Model, type Name, nameOf, type Status } from "./model.ts"
import { Sequence, type Step, successorsOf } from "./steps.ts"

const runs = Number(process.env["EFFECT_CNI_MODEL_RUNS"] ?? times({ part: 40, whole: 2000 }))

const check = Effect.fnUntraced(function*(host: Host, model: Model, step: Step) {
  const end = yield* host.perform(step)
  yield* Effect.orDie(host.forgetAbandoned(step))
  const expected = allowed(model, step, end)
  const observed = yield* Effect.orDie(host.observe)
  const about = `${step.operation} of ${nameOf(step)} ended: ${JSON.stringify(end)}`
  for (const name of observed.keys()) assert.isTrue(isName(expected, name), `${about}; then there was ${name}`)
  const next = new Map<Name, Status>()
  for (const [name, statuses] of expected) {
    const status = observed.get(name) ?? "gone"
    const known = statuses.find((one) => one === status)
    assert(known !== undefined, `${about}; then ${name} was ${status}, not ${statuses.join(" or ")}`)
    next.set(name, known)
  }
  return { end, next }
})

/** A step, and where its runtime died what others do about it. */
const checkAll = Effect.fnUntraced(function*(host: Host, model: Model, step: Step) {
  const { end, next } = yield* check(host, model, step)
  let current = next
  for (const successor of end === "killed" ? successorsOf(step) : []) {
    current = (yield* check(host, current, successor)).next
  }
  return current
})

const isName = (expected: ReadonlyMap<Name, unknown>, name: string): boolean =>
  [...expected.keys()].some((known) => known === name)

/** Performs a sequence, and then recovers: what is left is gone after that, and what is up is not touched. */
const perform = (sequence: ReadonlyArray<Step>) => {
  const host = new Host()
  return Effect.gen(function*() {
    let model: Model = new Map()
    for (const step of sequence) model = yield* checkAll(host, model, step)
    yield* inTime(Cni.recover)
    assert.isFalse(yield* host.isCollecting)
    const observed = yield* Effect.orDie(host.observe)
    for (const [name, status] of model) {
      // The runtime of the sequence still lives, as far as this one can tell.
      assert.strictEqual(observed.get(name) ?? "gone", status === "left" ? "gone" : status, `${name} after recovery`)
    }
  }).pipe(Effect.provide(host.layer))
}

describe("any sequence of operations", () => {
  it.effect.prop(
    "leaves of each attachment what the model allows, and nothing half-way after recovery",
    [Sequence],
    ([sequence]) => Effect.provide(perform(sequence), Logger.layer([])),
    { timeout: 600_000, arbitrary: { runs, size: 60 } }
  )
})
