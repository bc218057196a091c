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

const raced = MemoryCni.fail({
  code: 999,
  msg: "running [/usr/sbin/iptables -t filter -N CNI-ADMIN --wait]: exit status 4: iptables v1.8.9 (nf_tables):  " +
    "CHAIN_USER_ADD failed (File exists): chain CNI-ADMIN"
})

describe("a plugin that lost a race for a chain of iptables", () => {
  const twice = ["a ADD", "b ADD", "b DEL", "a DEL", "a ADD", "b ADD"]

  it.effect("has its ADD undone and made again at once", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      assert.deepStrictEqual(yield* MemoryCni.invocations, twice)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [raced, ok] } }))))

  it.effect("has it for the time of a scope, too", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Cni.attach(net, c1))
      assert.deepStrictEqual(yield* MemoryCni.invocations, [...twice, "b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [raced, ok] } }))))

  it.effect("is tried again once only", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* Effect.flip(Cni.addNetworkList(net, c1)), { _tag: "PluginError", code: 999 })
      assert.deepStrictEqual(yield* MemoryCni.invocations, [...twice, "b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: raced } }))))

  it.effect("is not tried again when the undo failed", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(net, c1)))._tag, "RollbackFailed")
      assert.strictEqual((yield* MemoryCni.invocations).filter((run) => run === "b ADD").length, 1)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { DEL: no }, b: { ADD: [raced, ok] } }))))

  it.effect("is not tried again where nothing is undone, as with libcni", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Effect.provideService(Cni.addNetworkList(net, c1), Tunables.Compat, "libcni"))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD"])
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [raced, ok] } }))))

  it.effect("may ask to be tried again later, besides", () =>
    Effect.gen(function*() {
      yield* trying(Cni.addNetworkList(net, c1))
      assert.strictEqual((yield* MemoryCni.invocations).filter((run) => run === "b ADD").length, 4)
    }).pipe(Effect.provide(MemoryCni.layer({ a: {}, b: { ADD: [raced, later, raced, ok] } }))))
})
