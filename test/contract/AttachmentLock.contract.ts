/** What every set of locks must do, among the fibers of one process. */
import { assert, describe, type it } from "@effect/vitest"
import { AttachmentLock, type LockError, type LockMode, Tunables } from "effect-cni"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { until } from "../support/directory.ts"
import { settableClock } from "../support/settableClock.ts"

/** A lock to ask for, which is held until the scope closes. */
export type Asking = Effect.Effect<void, LockError, Scope.Scope>

/** Holds a lock; gives what lets go of it. */
export const holding = Effect.fnUntraced(function*(asking: Asking) {
  const scope = yield* Scope.make()
  const letGo = Scope.close(scope, Exit.void)
  yield* Effect.onError(Scope.provide(asking, scope), () => letGo)
  return letGo
})

/** Whether a lock can be had at once; lets go of it again. */
export const isFree = (asking: Asking) =>
  Effect.scoped(asking).pipe(
    Effect.as(true),
    Effect.catchTag("LockTimeout", () => Effect.succeed(false)),
    Effect.provideService(Tunables.LockWaitLimit, 0)
  )

// Above the highest that Linux gives out.
const nobodysPid = 2 ** 22 + 1

/** Asks for a lock without waiting for it; what can be awaited gives what lets go of it. */
const asked = (asking: Asking) => Effect.forkChild(holding(asking), { startImmediately: true })

export interface World {
  /** On which clock the locks wait, and how time passes on it. */
  readonly clock: { readonly run: typeof it.live; readonly pass: (ms: number) => Effect.Effect<void> }
  readonly locks: Effect.Effect<Layer.Layer<AttachmentLock>, never, Scope.Scope>
}

export const contract = (name: string, { clock, locks }: World) =>
  describe(`AttachmentLock (${name})`, () => {
    const test = <A, E>(
      title: string,
      body: (lock: AttachmentLock["Service"]) => Effect.Effect<A, E, Scope.Scope>
    ) => clock.run(title, () => Effect.flatMap(locks, (layer) => Effect.provide(AttachmentLock.use(body), layer)))

    /** One of each kind. */
    const askings = (lock: AttachmentLock["Service"]) => [
      { asking: lock.network("net", "exclusive"), network: "net", containerId: "" },
      { asking: lock.container("c1"), network: "", containerId: "c1" }
    ]

    test("keeps everybody from a network that is held for one alone", (lock) =>
      Effect.gen(function*() {
        const letGo = yield* holding(lock.network("net", "exclusive"))
        assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        yield* letGo
        assert.isTrue(yield* isFree(lock.network("net", "shared")))
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("lets many share a network, and nobody have it alone meanwhile", (lock) =>
      Effect.gen(function*() {
        const first = yield* holding(lock.network("net", "shared"))
        const second = yield* holding(lock.network("net", "shared"))
        assert.isTrue(yield* isFree(lock.network("net", "shared")))
        assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
        yield* first
        assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
        yield* second
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("holds a container for one alone", (lock) =>
      Effect.gen(function*() {
        const letGo = yield* holding(lock.container("c1"))
        assert.isFalse(yield* isFree(lock.container("c1")))
        yield* letGo
        assert.isTrue(yield* isFree(lock.container("c1")))
      }))

    test("does not mix up networks, containers, and the two", (lock) =>
      Effect.gen(function*() {
        yield* lock.network("x", "exclusive")
        for (const network of ["y", "X", "x ", "", "container x"]) {
          assert.isTrue(yield* isFree(lock.network(network, "exclusive")))
        }
        assert.isTrue(yield* isFree(lock.container("x")))
        yield* lock.container("c1")
        for (const containerId of ["c2", "C1", "c11", "c", "network x"]) {
          assert.isTrue(yield* isFree(lock.container(containerId)))
        }
        assert.isTrue(yield* isFree(lock.network("c1", "exclusive")))
      }))

    test("serves who came first, and lets nobody who shares overtake who waits to be alone", (lock) =>
      Effect.gen(function*() {
        const served: Array<string> = []
        const queued = Effect.fnUntraced(function*(who: string, mode: LockMode) {
          const asking = Effect.andThen(lock.network("net", mode), Effect.sync(() => served.push(who)))
          return Effect.flatten(Fiber.join(yield* asked(Effect.asVoid(asking))))
        })
        const letGo = yield* holding(lock.network("net", "exclusive"))
        const a = yield* queued("a, shared", "shared")
        const b = yield* queued("b, shared", "shared")
        const c = yield* queued("c, alone", "exclusive")
        const d = yield* queued("d, shared", "shared")
        const e = yield* queued("e, alone", "exclusive")
        yield* letGo
        yield* until(() => served.length >= 2)
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        assert.deepStrictEqual(served, ["a, shared", "b, shared"])
        yield* a
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        assert.deepStrictEqual(served, ["a, shared", "b, shared"])
        for (const next of [b, c, d, e]) yield* next
        assert.deepStrictEqual(served, ["a, shared", "b, shared", "c, alone", "d, shared", "e, alone"])
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("serves the next when one that waits is interrupted", (lock) =>
      Effect.gen(function*() {
        for (const { asking } of askings(lock)) {
          const letGo = yield* holding(asking)
          const first = yield* asked(asking)
          const second = yield* asked(asking)
          yield* Fiber.interrupt(first)
          yield* letGo
          yield* yield* Fiber.join(second)
          assert.isTrue(yield* isFree(asking))
        }
      }))

    test("lets those share again who waited behind one that is interrupted", (lock) =>
      Effect.gen(function*() {
        const letGo = yield* holding(lock.network("net", "shared"))
        const alone = yield* asked(lock.network("net", "exclusive"))
        const behind = yield* asked(lock.network("net", "shared"))
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        yield* Fiber.interrupt(alone)
        yield* yield* Fiber.join(behind)
        yield* letGo
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("lets those share again who waited behind one that has waited too long", (lock) =>
      Effect.gen(function*() {
        const letGo = yield* holding(lock.network("net", "shared"))
        const alone = yield* asked(lock.network("net", "exclusive")).pipe(
          Effect.provideService(Tunables.LockWaitLimit, "50 millis")
        )
        const behind = yield* asked(lock.network("net", "shared"))
        yield* clock.pass(50)
        assert.strictEqual((yield* Effect.flip(Effect.asVoid(Fiber.join(alone))))._tag, "LockTimeout")
        yield* yield* Fiber.join(behind)
        yield* letGo
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("lets those pass after a while who came behind one that still waits to be alone", (lock) =>
      Effect.gen(function*() {
        const hung = yield* holding(lock.network("net", "shared"))
        const alone = yield* Effect.provideService(
          asked(lock.network("net", "exclusive")),
          Tunables.LockWaitLimit,
          "1 minute"
        )
        const behind = yield* asked(lock.network("net", "shared"))
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        yield* clock.pass(5000)
        yield* yield* Fiber.join(behind)
        assert.isUndefined(alone.pollUnsafe())
        yield* hung
        yield* yield* Fiber.join(alone)
      }))

    test("lets one be alone in the end, however many share without a pause", (lock) =>
      Effect.gen(function*() {
        let sharing = 0
        const short = Effect.scoped(Effect.gen(function*() {
          yield* lock.network("net", "shared")
          yield* Effect.acquireRelease(Effect.sync(() => sharing++), () => Effect.sync(() => sharing--))
          yield* Effect.sleep("200 millis")
        }))
        yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.forkScoped(short), Effect.sleep("50 millis"))))
        yield* clock.pass(200)
        yield* until(() => sharing > 1)
        const alone = yield* asked(lock.network("net", "exclusive"))
        yield* clock.pass(1000)
        const letGo = yield* Fiber.join(alone)
        assert.strictEqual(sharing, 0)
        yield* letGo
        yield* clock.pass(50)
        yield* until(() => sharing > 0)
      }))

    test("waits for as long as it was told to, also when somebody sets the clock", (lock) =>
      Effect.gen(function*() {
        for (const { asking } of askings(lock)) {
          for (const hours of [1, -1]) {
            const set = yield* settableClock
            const letGo = yield* holding(asking)
            const waiting = yield* asked(asking).pipe(
              Effect.provideService(Tunables.LockWaitLimit, "200 millis"),
              Effect.provideService(Clock.Clock, set.clock)
            )
            yield* clock.pass(100)
            set.by(hours * 60 * 60 * 1000)
            yield* clock.pass(100)
            const error = yield* Effect.flip(Effect.asVoid(Fiber.join(waiting)))
            assert(error._tag === "LockTimeout")
            assert.isAtLeast(error.waitedMs, 200)
            assert.isBelow(error.waitedMs, 60_000)
            yield* letGo
          }
        }
      }))

    test("says what was waited for, and how long", (lock) =>
      Effect.gen(function*() {
        for (const { asking, containerId, network } of askings(lock)) {
          const letGo = yield* holding(asking)
          const waiting = yield* Effect.provideService(asked(asking), Tunables.LockWaitLimit, "50 millis")
          yield* clock.pass(50)
          const error = yield* Effect.flip(Effect.asVoid(Fiber.join(waiting)))
          assert(error._tag === "LockTimeout")
          assert.deepStrictEqual([error.network, error.containerId], [network, containerId])
          assert.isAbove(error.waitedMs, 0)
          assert.include(error.message, network === "" ? `container "c1"` : `network "net"`)
          yield* letGo
        }
      }))

    test("does not wait when it is told not to, and then says so too", (lock) =>
      Effect.gen(function*() {
        for (const { asking, containerId, network } of askings(lock)) {
          const letGo = yield* holding(asking)
          const error = yield* Effect.flip(
            Effect.provideService(Effect.asVoid(holding(asking)), Tunables.LockWaitLimit, 0)
          )
          assert(error._tag === "LockTimeout")
          assert.deepStrictEqual([error.network, error.containerId], [network, containerId])
          yield* letGo
        }
      }))

    test("waits without end when it is told to", (lock) =>
      Effect.gen(function*() {
        for (const { asking } of askings(lock)) {
          const letGo = yield* holding(asking)
          const waiting = yield* Effect.provideService(asked(asking), Tunables.LockWaitLimit, "Infinity")
          yield* clock.pass(24 * 60 * 60 * 1000)
          yield* letGo
          yield* yield* Fiber.join(waiting)
        }
      }))

    test("lets go when the scope closes, however that comes about", (lock) =>
      Effect.gen(function*() {
        for (const { asking } of askings(lock)) {
          yield* Effect.scoped(asking)
          assert.isTrue(yield* isFree(asking))
          const failure = yield* Effect.flip(Effect.scoped(Effect.andThen(asking, Effect.fail("refused"))))
          assert.strictEqual(failure, "refused")
          assert.isTrue(yield* isFree(asking))
          const dead = yield* Effect.exit(Effect.scoped(Effect.andThen(asking, Effect.die("a bug"))))
          assert.isTrue(Exit.hasDies(dead))
          assert.isTrue(yield* isFree(asking))
          const fiber = yield* Effect.forkChild(Effect.scoped(Effect.andThen(asking, Effect.never)), {
            startImmediately: true
          })
          assert.isFalse(yield* isFree(asking))
          yield* Fiber.interrupt(fiber)
          assert.isTrue(yield* isFree(asking))
        }
      }))

    test("is held by one at a time, of many who ask again and again", (lock) =>
      Effect.gen(function*() {
        const inside = { sharing: 0, alone: 0 }
        const held = (mode: "sharing" | "alone") =>
          Effect.scoped(Effect.gen(function*() {
            yield* lock.network("net", mode === "alone" ? "exclusive" : "shared")
            inside[mode]++
            for (let at = 0; at < 3; at++) {
              yield* Effect.yieldNow
              assert.isTrue(inside.alone === 0 || (inside.alone === 1 && inside.sharing === 0))
            }
            inside[mode]--
          }))
        const modes = Array.from({ length: 60 }, (_, at) => at % 5 === 0 ? "alone" : "sharing")
        yield* Effect.forEach(modes, held, { concurrency: "unbounded", discard: true })
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    test("knows who it is, that it is alive, and that a dead one is not", (lock) =>
      Effect.gen(function*() {
        const owner = yield* lock.owner
        assert.deepStrictEqual(yield* lock.owner, owner)
        assert.isTrue(yield* lock.isAlive(owner))
        for (const lease of ["00000000-0000-4000-8000-000000000000.1", "", "..", "../lease", "\0"]) {
          assert.isFalse(yield* lock.isAlive({ ...owner, pid: nobodysPid, lease }))
        }
      }))

    test("takes an owner of an earlier boot of this machine for dead, and leaves that of another machine alone", (lock) =>
      Effect.gen(function*() {
        const here = yield* lock.owner
        const dead = { ...here, pid: nobodysPid, lease: "" }
        assert.isTrue(yield* lock.isAlive({ ...here, lease: "", boot: "another", machine: "another" }))
        assert.isTrue(yield* lock.isAlive({ ...dead, boot: "another", machine: "another" }))
        for (const owner of [{ ...dead, boot: "another" }, { ...here, lease: "", boot: "another" }]) {
          assert.isFalse(yield* lock.isAlive(owner))
        }
        // One kernel can run systems with several machine IDs.
        assert.isFalse(yield* lock.isAlive({ ...dead, machine: "another" }))
        const { boot: _, ...unknown } = dead
        assert.isFalse(yield* lock.isAlive({ ...unknown, machine: "another" }))
      }))

    test("sweeps nothing away that is held", (lock) =>
      Effect.gen(function*() {
        const owner = yield* lock.owner
        yield* lock.network("shared", "shared")
        yield* lock.network("alone", "exclusive")
        yield* lock.container("c1")
        yield* lock.sweep
        for (const network of ["shared", "alone"]) assert.isFalse(yield* isFree(lock.network(network, "exclusive")))
        assert.isFalse(yield* isFree(lock.container("c1")))
        assert.isTrue(yield* lock.isAlive(owner))
      }))
  })
