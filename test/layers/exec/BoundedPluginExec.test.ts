/** How many plugins run at a time where that is bounded, who goes next, and what does not wait. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, Tunables } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import * as Fs from "node:fs"
import { temporaryDirectory, writePlugin } from "../../support/directory.ts"
import { c1, network } from "../../support/network.ts"

const slow = new MemoryCni.Reply({ stdout: "{}", delay: "1 second" })
const no = new MemoryCni.Reply({ exit: { _tag: "Exited", status: 1 }, delay: "1 second" })

const plugins = MemoryCni.layer({
  slow: { ADD: slow },
  failing: { ADD: [no, slow] },
  hanging: { ADD: MemoryCni.hang }
})

const add = (containerId: string, ...types: ReadonlyArray<string>) =>
  Effect.forkChild(Cni.addNetworkList(network(types.length === 0 ? ["slow"] : types), { ...c1, containerId }), {
    startImmediately: true
  })

/** What was started so far, like `"c1 slow ADD"`. */
const started = PluginInvocations.use(({ all }) =>
  Effect.map(all, (runs) => runs.map(({ command, containerId, plugin }) => `${containerId} ${plugin} ${command}`))
)

const count = Effect.map(started, (runs) => runs.length)

const six = ["c1", "c2", "c3", "c4", "c5", "c6"]

const bounded = (bound: number | "unbounded") => Effect.provideService(Tunables.PluginConcurrency, bound)

/** How many have been started at first, and after each second. */
const counted = (bound: number | "unbounded") =>
  Effect.gen(function*() {
    const adding = yield* Effect.forEach(six, (containerId) => add(containerId))
    const atFirst = yield* count
    const later = yield* Effect.forEach(six, () => Effect.andThen(TestClock.adjust("1 second"), count))
    yield* Effect.forEach(adding, Fiber.join)
    return [atFirst, ...later]
  }).pipe(bounded(bound), Effect.provide(plugins))

describe("PluginConcurrency", () => {
  it.effect("is how many plugins run at a time", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* counted(2), [2, 4, 6, 6, 6, 6, 6])
      assert.deepStrictEqual(yield* counted(4), [4, 6, 6, 6, 6, 6, 6])
    }))

  it.effect("bounds nothing by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* counted("unbounded"), [6, 6, 6, 6, 6, 6, 6])
    }))

  it.effect.each([0, -1, NaN, 0.5])("is one at a time for %s, which is none", (bound) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* counted(bound), [1, 2, 3, 4, 5, 6, 6])
    }))

  it.effect("lets go on who came first, after a failure too", () =>
    Effect.gen(function*() {
      const failing = yield* add("c1", "failing")
      yield* add("c2")
      yield* add("c3")
      yield* TestClock.adjust("3 seconds")
      assert.isTrue(Exit.isFailure(yield* Fiber.await(failing)))
      const adds = (yield* started).filter((run) => run.endsWith("ADD"))
      assert.deepStrictEqual(adds, ["c1 failing ADD", "c2 slow ADD", "c3 slow ADD"])
    }).pipe(bounded(1), Effect.provide(plugins)))

  it.effect("is not waited for any more by who is interrupted", () =>
    Effect.gen(function*() {
      yield* add("c1")
      const second = yield* add("c2")
      yield* add("c3")
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* started).filter((run) => run.endsWith("ADD")), ["c1 slow ADD", "c3 slow ADD"])
    }).pipe(bounded(1), Effect.provide(plugins)))

  it.effect("leaves its place to the next when who has it is interrupted", () =>
    Effect.gen(function*() {
      const first = yield* add("c1", "hanging")
      yield* add("c2")
      yield* Fiber.interrupt(first)
      assert.include(yield* started, "c2 slow ADD")
    }).pipe(bounded(1), Effect.provide(plugins)))

  it.effect("does not count as a plugin's own time", () =>
    Effect.gen(function*() {
      const adding = yield* Effect.forEach(six, (containerId) => add(containerId))
      yield* TestClock.adjust("6 seconds")
      yield* Effect.forEach(adding, Fiber.join)
    }).pipe(
      bounded(1),
      Effect.provideService(Tunables.PluginTimeLimit, () => "1500 millis"),
      Effect.provide(plugins)
    ))

  it.effect("does not keep an undo waiting, nor the end of a scope", () =>
    Effect.gen(function*() {
      const net = network(["quick"])
      const attached = yield* Effect.forkChild(
        Effect.scoped(Effect.andThen(Cni.attach(net, c1), Effect.never)),
        { startImmediately: true }
      )
      const waiting = yield* add("c2", "quick", "hanging")
      yield* add("c3", "hanging")
      yield* Fiber.interrupt(waiting)
      const hanging = yield* add("c4", "hanging")
      yield* Fiber.interrupt(attached)
      yield* Fiber.interrupt(hanging)
      const ended = (yield* started).filter((run) => run.endsWith("DEL"))
      assert.deepStrictEqual(ended, ["c2 hanging DEL", "c2 quick DEL", "c1 quick DEL", "c4 hanging DEL"])
    }).pipe(bounded(1), Effect.provide(MemoryCni.layer({ quick: {}, hanging: { ADD: MemoryCni.hang } }))))

  it.effect("may differ by region: each run looks at its own, and waits behind those before it", () =>
    Effect.gen(function*() {
      yield* bounded(3)(add("c1"))
      yield* bounded(3)(add("c2"))
      yield* bounded(1)(add("c3"))
      yield* bounded(3)(add("c4"))
      yield* add("c5")
      assert.deepStrictEqual(yield* started, ["c1 slow ADD", "c2 slow ADD", "c5 slow ADD"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* started).slice(3), ["c3 slow ADD", "c4 slow ADD"])
    }).pipe(Effect.provide(plugins)))

  it.live("holds for processes too", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const own = `${directory}/running`
      writePlugin(
        directory,
        "a",
        `mkdir ${own} || touch ${directory}/overlap\ncat > /dev/null\nrmdir ${own}\necho '{}'`
      )
      yield* Effect.forEach(six, (containerId) => Cni.addNetworkList(network(["a"]), { ...c1, containerId }), {
        concurrency: "unbounded"
      }).pipe(
        bounded(1),
        Effect.provide(NodeCni.layer({ pluginPaths: [directory], cacheDir: `${directory}/cache` }))
      )
      assert.isFalse(Fs.existsSync(`${directory}/overlap`))
    }))
})
