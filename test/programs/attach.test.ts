import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, AttachmentLock, Cni } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import { c1, network, prevResults, result } from "../support/network.ts"
import { overwrite, recorded, shared } from "../support/overwritten.ts"
import { withService } from "../support/withService.ts"

const two = network(["a", "b"])
const plugins = { a: { ADD: result(1) }, b: { ADD: result(2) } }
const upAndDown = ["a ADD", "b ADD", "b DEL", "a DEL"]
const stored = AttachmentCache.use((cache) => Effect.map(cache.list(), (records) => records.length))

describe("attach", () => {
  it.effect("gives the attachment, and detaches when the scope closes", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const { containerId, ifName, network, result } = yield* Cni.attach(two, c1)
        assert.deepStrictEqual([network, containerId, ifName], ["net", "c1", "eth0"])
        assert.strictEqual(result.ips[0]?.address, "10.0.0.2/24")
        assert.strictEqual(yield* stored, 1)
      }))
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
      assert.deepStrictEqual((yield* prevResults)[2], ["b DEL", result(2)])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("detaches when another runtime has written over its record, and leaves that one", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.andThen(Cni.attach(two, shared), overwrite))
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
      assert.deepStrictEqual(yield* recorded, ["d"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("detaches when what follows fails", () =>
    Effect.gen(function*() {
      const program = Effect.andThen(Cni.attach(two, c1), Effect.fail("the container failed"))
      assert.strictEqual(yield* Effect.flip(Effect.scoped(program)), "the container failed")
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("detaches when what follows is interrupted", () =>
    Effect.gen(function*() {
      const program = Effect.scoped(Effect.andThen(Cni.attach(two, c1), Effect.never))
      const fiber = yield* Effect.forkChild(program, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("undoes and does not detach again when it fails or is interrupted itself", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.scoped(Cni.attach(two, c1)), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: MemoryCni.hang } }))))

  it.effect("detaches when it is interrupted between the end of the ADD and its own", () =>
    Effect.gen(function*() {
      const locks = yield* AttachmentLock
      const interrupt = Effect.withFiber((self) => Effect.sync(() => self.interruptUnsafe()))
      const container = (id: string) => Effect.andThen(locks.container(id), Effect.addFinalizer(() => interrupt))
      const attaching = withService(Effect.scoped(Cni.attach(two, c1)), AttachmentLock, { ...locks, container })
      const exit = yield* Fiber.await(yield* Effect.forkChild(attaching))
      assert(Exit.isFailure(exit))
      assert.isTrue(Cause.hasInterruptsOnly(exit.cause))
      assert.deepStrictEqual(yield* MemoryCni.invocations, upAndDown)
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("asks every plugin to detach, keeps the record when one failed, and logs what is left", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
    return Effect.gen(function*() {
      yield* Effect.scoped(Cni.attach(two, c1))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD", "b DEL", "b DEL", "a DEL"])
      assert.strictEqual(yield* stored, 1)
      assert.strictEqual(lines.length, 1)
      assert.match(lines[0] ?? "", /^Error .*is not fully detached from network "net": plugin "b".*busy/)
    }).pipe(
      Effect.provide(Layer.merge(
        MemoryCni.layer({ ...plugins, b: { ADD: result(2), DEL: MemoryCni.fail({ code: 5, msg: "busy" }) } }),
        Logger.layer([logger])
      ))
    )
  })
})
