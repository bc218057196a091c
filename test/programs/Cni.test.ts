/** `Cni` as a service: what its layer keeps of the context that it is built in, and what each caller decides. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, Cni, Tunables } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as Tracer from "effect/Tracer"
import { c1, network } from "../support/network.ts"

const net = network(["a"])
const memory = MemoryCni.layer({ a: {} })
const stored = AttachmentCache.use((cache) => Effect.map(cache.list(), (records) => records.length))

describe("Cni.layer", () => {
  it.effect("leaves an attachment to the caller's scope, whose end detaches while the layer goes on", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Cni.attach(net, c1))
      assert.strictEqual(yield* stored, 0)
      yield* Cni.addNetworkList(net, c1)
      assert.strictEqual(yield* stored, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("does not end an attachment with its own scope", () =>
    Effect.gen(function*() {
      const own = yield* Scope.make()
      const cni = yield* Effect.provide(Layer.buildWithScope(Cni.layer, own), memory)
      const caller = yield* Scope.make()
      yield* Cni.attach(net, c1).pipe(Effect.provideContext(cni), Effect.provideService(Scope.Scope, caller))
      yield* Scope.close(own, Exit.void)
      const isThere = Effect.flip(Effect.provideContext(Cni.addNetworkList(net, c1), cni))
      assert.strictEqual((yield* isThere)._tag, "AttachmentExists")
      yield* Scope.close(caller, Exit.void)
      yield* Effect.provideContext(Cni.addNetworkList(net, c1), cni)
    }))

  it.effect("runs a verb by the caller's clock, though it was built by another", () =>
    Effect.gen(function*() {
      const hanging = MemoryCni.layer({ a: { ADD: MemoryCni.hang } })
      const cni = yield* TestClock.withLive(Layer.build(hanging))
      const adding = yield* Effect.forkChild(Effect.flip(Effect.provideContext(Cni.addNetworkList(net, c1), cni)))
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* Fiber.join(adding))._tag, "PluginTimeout")
    }))

  it.effect("traces a verb below the caller's span, by the caller's tracer", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const cni = yield* Effect.withSpan(Layer.build(memory), "building")
      yield* Cni.addNetworkList(net, c1).pipe(
        Effect.provideContext(cni),
        Effect.withSpan("calling"),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      const parent = spans.find(({ name }) => name === "addNetworkList")?.parent ?? Option.none()
      assert.deepStrictEqual(
        Option.map(parent, ({ spanId }) => spans.find((span) => span.spanId === spanId)?.name),
        Option.some("calling")
      )
    }))

  it.effect("runs verbs on its own services, whatever the caller has", () =>
    Effect.gen(function*() {
      const other = yield* Effect.provide(AttachmentCache, MemoryCni.layer({}))
      yield* Effect.provideService(Cni.addNetworkList(net, c1), AttachmentCache, other)
      assert.strictEqual(yield* stored, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("runs the keep-set of a GC on the caller's services", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(net, c1)
      const other = yield* Effect.provide(AttachmentCache, MemoryCni.layer({}))
      const keep = AttachmentCache.use((cache) => cache.list())
      const planned = Effect.map(Cni.planGc(net, { keep }), ({ stale }) => stale.length)
      assert.strictEqual(yield* planned, 0)
      assert.strictEqual(yield* Effect.provideService(planned, AttachmentCache, other), 1)
      yield* Effect.provideService(Cni.gcNetworkList(net, { keep }), AttachmentCache, other)
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(memory)))

  it.effect("is built anew on other services beside a layer that has it already", () =>
    Effect.gen(function*() {
      const other = yield* Effect.provide(AttachmentCache, MemoryCni.layer({}))
      const onOther = Layer.provideMerge(Cni.layer, Layer.succeed(AttachmentCache, other))
      yield* Effect.provide(Cni.addNetworkList(net, c1), onOther)
      assert.strictEqual(yield* stored, 0)
      assert.strictEqual((yield* other.list()).length, 1)
    }).pipe(Effect.provide(memory)))
})

describe("a tunable", () => {
  const conf = { ...c1, capabilityArgs: { mac: "02:00:00:00:00:07" } }
  const tag = Effect.match(Cni.addNetworkList(net, conf), {
    onFailure: ({ _tag }): string => _tag,
    onSuccess: () => "attached"
  })
  const failing = Layer.succeed(Tunables.UnusedArguments, "fail")

  it.effect("that is set where the layer is built holds where the caller sets nothing", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tag, "InvalidRuntimeConf")
    }).pipe(Effect.provide(Layer.provide(memory, failing))))

  it.effect("that is provided beside the layer holds", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tag, "InvalidRuntimeConf")
    }).pipe(Effect.provide(Layer.merge(memory, failing))))

  for (
    const [where, layer] of [["built", Layer.provide(memory, failing)], [
      "provided",
      Layer.merge(memory, failing)
    ]] as const
  ) {
    it.effect(`that the caller sets for a region wins over one set where the layer is ${where}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* Effect.provideService(tag, Tunables.UnusedArguments, "ignore"), "attached")
      }).pipe(Effect.provide(layer)))
  }
})

describe("a mock of Cni", () => {
  const found = { recovered: [], failing: [], live: [], damaged: [] }
  const mock = Layer.mock(Cni, { recover: Effect.succeed(found) })

  it.effect("answers the verb that it has, and dies of every other", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Cni.recover, found)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(Cni.delNetworkList(net, c1))))
    }).pipe(Effect.provide(mock)))
})
