/** Callers that ask a plugin the same at the same time share one run, and one that is interrupted does not stop it. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, PluginExec, Tunables } from "effect-cni"
import { CoalescedPluginExec } from "effect-cni/node"
import { MemoryCni, PluginInvocations, ScriptedPluginExec } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { invocation } from "../../support/invocation.ts"
import { network } from "../../support/network.ts"

const inASecond = (stdout: string) => new ScriptedPluginExec.Reply({ stdout, delay: "1 second" })
const scripted = ScriptedPluginExec.layer({
  a: { STATUS: inASecond(""), VERSION: inASecond("{}"), DEL: inASecond(""), ADD: inASecond("{}") },
  b: {
    STATUS: new ScriptedPluginExec.Reply({
      stdout: `{"code":50,"msg":"no"}`,
      exit: { _tag: "Exited", status: 1 },
      delay: "1 second"
    })
  }
})
const layer = Layer.provideMerge(CoalescedPluginExec.layer, scripted)

const ask = (change: Parameters<typeof invocation>[0]) => PluginExec.use((exec) => exec.run(invocation(change)))
const count = PluginInvocations.use(({ all }) => Effect.map(all, (runs) => runs.length))
const times = (many: number) => Array.from({ length: many }, (_, at) => at)
const started = { startImmediately: true }

describe("CoalescedPluginExec", () => {
  it.effect("asks once for many, and again for one that comes later", () =>
    Effect.gen(function*() {
      const asking = yield* Effect.forEach(times(20), () => Effect.forkChild(ask({ command: "STATUS" }), started))
      yield* TestClock.adjust("1 second")
      const outcomes = yield* Effect.forEach(asking, Fiber.join)
      assert.isTrue(outcomes.every(({ exit }) => exit._tag === "Exited" && exit.status === 0))
      assert.strictEqual(yield* count, 1)
      const later = yield* Effect.forkChild(ask({ command: "STATUS" }), started)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(later)
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(layer)))

  it.effect("never shares what changes something, nor what is not the same", () =>
    Effect.gen(function*() {
      const asked = [
        ask({ command: "DEL" }),
        ask({ command: "DEL" }),
        ask({ command: "ADD" }),
        ask({ command: "ADD" }),
        ask({ command: "STATUS" }),
        ask({ command: "VERSION" }),
        ask({ command: "STATUS", stdin: `{"name":"net"}` }),
        ask({ command: "STATUS", path: "/elsewhere/a" }),
        ask({ command: "STATUS", timeLimitMs: 2000 }),
        Effect.provideService(ask({ command: "STATUS" }), Tunables.KillGrace, "1 minute")
      ]
      const asking = yield* Effect.forEach(asked, (one) => Effect.forkChild(one, started))
      yield* TestClock.adjust("1 second")
      yield* Effect.forEach(asking, Fiber.join)
      assert.strictEqual(yield* count, asked.length)
    }).pipe(Effect.provide(layer)))

  it.effect("goes on while a caller waits, and stops with the last one", () =>
    Effect.gen(function*() {
      const [first, second, third] = yield* Effect.all(
        times(3).map(() => Effect.forkChild(ask({ command: "STATUS" }), started))
      )
      assert(first !== undefined && second !== undefined && third !== undefined)
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(third)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Fiber.join(second)).exit, { _tag: "Exited", status: 0 })
      const alone = yield* Effect.forkChild(ask({ command: "STATUS" }), started)
      yield* Fiber.interrupt(alone)
      const after = yield* Effect.forkChild(ask({ command: "STATUS" }), started)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(after)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(layer)))
})

describe("networkStatus of one network, asked by many at once", () => {
  it.effect("runs each plugin once", () =>
    Effect.gen(function*() {
      const list = network(["a", "b"], { cniVersion: "1.1.0" })
      const asking = yield* Effect.forEach(times(10), () => Effect.forkChild(Cni.networkStatus(list), started))
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      const statuses = yield* Effect.forEach(asking, Fiber.join)
      assert.isTrue(statuses.every(([a, b]) => a?._tag === "Ready" && b?._tag === "NotReady"))
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(Layer.provideMerge(Cni.layer, Layer.merge(MemoryCni.layer({ a: {}, b: {} }), layer)))))
})
