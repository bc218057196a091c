/** What is tried again, and when: a plugin that asks for it, nothing else. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, Tunables } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { TestClock } from "effect/testing"
import { c1, network } from "../support/network.ts"

const net = network(["a", "b"], { cniVersion: "1.1.0" })
const later = MemoryCni.fail({ code: 11, msg: "later" })
const no = MemoryCni.fail({ code: 100, msg: "no" })
const ok = MemoryCni.passThrough

const trying = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(Effect.provideService(Tunables.TryAgainRetry, Schedule.upTo(Schedule.spaced("1 second"), { times: 2 })))

describe("a plugin that says try again later (code 11)", () => {
  it.effect("is not asked again by default", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(net, c1))
      assert.deepInclude(error, { _tag: "PluginError", code: 11 })
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD", "b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [later, ok] } }))))

  it.effect("has its ADD undone before it is made again", () =>
    Effect.gen(function*() {
      yield* trying(Cni.addNetworkList(net, c1))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD", "b DEL", "a DEL", "a ADD", "b ADD"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [later, ok] } }))))

  it.effect("is given up when the schedule ends", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* Effect.flip(trying(Cni.addNetworkList(net, c1))), { code: 11 })
      assert.strictEqual((yield* MemoryCni.invocations).filter((run) => run === "b ADD").length, 3)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: later } }))))

  it.effect("is not asked again when the undo failed", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(trying(Cni.addNetworkList(net, c1))))._tag, "RollbackFailed")
      assert.strictEqual((yield* MemoryCni.invocations).filter((run) => run === "b ADD").length, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { DEL: no }, b: { ADD: [later, ok] } }))))

  it.effect("is asked again by DEL, CHECK, STATUS and GC, from that plugin on", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      yield* trying(Cni.checkNetworkList(net, c1))
      yield* trying(Cni.getStatusNetworkList(net))
      yield* trying(Cni.delNetworkList(net, c1))
      yield* trying(Cni.gcNetworkList(net, { keep: [] }))
      const asked = ["CHECK", "STATUS"].flatMap((command) => [`a ${command}`, `b ${command}`, `b ${command}`])
      const deleted = ["b DEL", "b DEL", "a DEL", "a GC", "b GC", "b GC"]
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(2), [...asked, ...deleted])
    }).pipe(
      Effect.provide(
        MemoryCni.layer({ a: {}, b: { CHECK: [later, ok], DEL: [later, ok], GC: [later, ok], STATUS: [later, ok] } })
      )
    ))

  it.effect("leaves every other refusal as it is", () =>
    Effect.gen(function*() {
      yield* Effect.flip(trying(Cni.addNetworkList(net, c1)))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: [no, ok] }, b: {} }))))
})
