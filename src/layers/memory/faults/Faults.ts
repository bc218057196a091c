/**
 * Faults on demand: wraps the services of a runtime, and lets it fail, hang, be slow, be interrupted or die at any step
 * that it takes, so that programs can be tested for what is left then.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Cni } from "../../../programs/Cni.ts"
import type { CniServices } from "../../../services/CniServices.ts"
import { wrap, type Wrapped } from "./faultyServices.ts"
import { type Fault, type Life, lifeOf, type Plan, type Step } from "./faultySteps.ts"

export type { Fault, Plan, Step, Wrapped }

/**
 * The service refuses: a file with that errno; a plugin is not started before, stopped during, and not understood after
 * its run.
 */
export const fail = (reason: string): Fault => ({ _tag: "Fail", reason })

/** The service never answers; a caller that waits can be interrupted, where the operation can be. */
export const hang: Fault = { _tag: "Hang" }

/** The service takes its time. */
export const delay = (duration: Duration.Input): Fault => ({ _tag: "Delay", duration })

/** The program that {@link Runtime} runs is interrupted there, as by Ctrl-C. */
export const interrupt: Fault = { _tag: "Interrupt" }

/**
 * The runtime dies there, as by SIGKILL: nothing of it goes on, no finalizer of it reaches a service any more, its locks
 * are free and its leases are over. Plugins that run live on.
 */
export const crash: Fault = { _tag: "Crash" }

/** As another process, as far as its locks, its leases and its end are concerned. */
export interface Runtime {
  /** Runs a program in it; gives how that ended, and nothing when the runtime has died. */
  readonly run: <A, E, R>(
    program: Effect.Effect<A, E, R>
  ) => Effect.Effect<Option.Option<Exit.Exit<A, E>>, never, Exclude<R, Wrapped | Cni>>
  /** The steps that it has taken so far. */
  readonly steps: Effect.Effect<ReadonlyArray<Step>>
}

/**
 * A runtime over the services in the context, with faults: programs that it runs get `Cni` on faulty services. Several
 * runtimes over the same services are as many processes on one host.
 *
 * @example
 * ```ts
 * import { assert, it } from "@effect/vitest"
 * import { Effect, Option } from "effect"
 * import { Cni, NetworkConfigList } from "effect-cni"
 * import { Faults, MemoryCni } from "effect-cni/testing"
 *
 * it.effect("gives the address back when the process dies before it is recorded", () =>
 *   Effect.gen(function*() {
 *     const network = yield* NetworkConfigList.fromText(`{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"}]}`)
 *     const doomed = yield* Faults.make(({ call, when }) => call === "put" && when === "before" ? Faults.crash : undefined)
 *     const end = yield* doomed.run(Cni.addNetworkList(network, { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }))
 *     assert.isTrue(Option.isNone(end))
 *     const { recovered } = yield* Cni.recover
 *     assert.strictEqual(recovered.length, 1)
 *     assert.deepStrictEqual(yield* MemoryCni.invocations, ["bridge ADD", "bridge DEL"])
 *   }).pipe(Effect.provide(MemoryCni.layer({ bridge: {} }))))
 * ```
 */
export const make: (plan?: Plan) => Effect.Effect<Runtime, never, CniServices> = Effect.fnUntraced(
  function*(plan = () => undefined) {
    const life = yield* lifeOf(plan)
    return { run: runIn(life, yield* faulty(life)), steps: Effect.sync(() => [...life.steps]) }
  }
)

const runIn = (life: Life, services: Context.Context<Wrapped | Cni>): Runtime["run"] =>
  Effect.fnUntraced(function*<A, E, R>(program: Effect.Effect<A, E, R>) {
    const fiber = yield* Effect.forkDetach(Effect.provideContext(program, services), { startImmediately: true })
    life.fibers.add(fiber)
    const ended = Effect.asSome(Fiber.await(fiber))
    const died = Effect.as(Deferred.await(life.died), Option.none())
    return yield* Effect.raceFirst(ended, died).pipe(
      Effect.onInterrupt(() => Effect.raceFirst(Fiber.interrupt(fiber), Deferred.await(life.died))),
      Effect.ensuring(Effect.sync(() => life.fibers.delete(fiber)))
    )
  })

/**
 * The services in the context with faults, and `Cni` on them, for a program that provides them itself: after a crash it
 * hangs for good, and an interruption is that of the fiber that asks.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { Faults, MemoryCni } from "effect-cni/testing"
 *
 * const DiskFull = Faults.layer(({ call, when }) => call === "put" && when === "before" ? Faults.fail("ENOSPC") : undefined)
 * const TestCni = Layer.provideMerge(DiskFull, MemoryCni.layer({ bridge: {} }))
 * ```
 */
export const layer = (plan: Plan): Layer.Layer<Wrapped | Cni, never, CniServices> =>
  Layer.effectContext(Effect.flatMap(lifeOf(plan), faulty))

const faulty = Effect.fnUntraced(function*(life: Life) {
  const services = yield* wrap(life)
  const cni = yield* Effect.scoped(Effect.provideContext(Layer.build(Cni.layer), services))
  return Context.merge(services, cni)
})
