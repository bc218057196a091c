import { assert, describe, it } from "@effect/vitest"
import { AttachmentCache, Cni, CniError, PluginExec, PluginReply, type PluginRequest, Tunables } from "effect-cni"
import { MemoryCni, PluginInvocations } from "effect-cni/testing"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { failingCache, withFailingCache } from "../support/faults.ts"
import { c1, network, prevResults, request, result } from "../support/network.ts"
import { settableClock } from "../support/settableClock.ts"
import { withService } from "../support/withService.ts"

const three = network(["a", "b", "c"])
const key = { network: "net", containerId: "c1", ifName: "eth0" }
const no = (msg: string) => MemoryCni.fail({ code: 100, msg })
const notStarted = (invocation: PluginRequest.PluginInvocation) =>
  new CniError.PluginSpawnFailed({ ...PluginReply.errorContext(invocation), reason: "NoResources", detail: "EAGAIN" })
const recorded = AttachmentCache.use((cache) => Effect.map(cache.get(key), Option.isSome))

const plugins = {
  a: { ADD: result(1) },
  b: { ADD: result(2) },
  c: { ADD: result(3) }
} satisfies Parameters<typeof MemoryCni.layer>[0]

describe("addNetworkList", () => {
  it.effect("runs the chain forward, each plugin with the result before it, and returns and stores the last", () =>
    Effect.gen(function*() {
      const given = { ...c1, args: [["A", "1"]] as const, capabilityArgs: { mac: "x" } }
      const added = yield* Cni.addNetworkList(three, given)
      assert.deepStrictEqual(added.ips, [{ address: "10.0.0.3/24" }])
      assert.deepStrictEqual(yield* prevResults, [["a ADD", undefined], ["b ADD", result(1)], ["c ADD", result(2)]])
      assert.deepStrictEqual(yield* AttachmentCache.use((cache) => cache.list()), [{
        _tag: "CacheRecord",
        ...key,
        config: three.bytes,
        netns: c1.netns,
        cniArgs: [["A", "1"]],
        capabilityArgs: { mac: "x" },
        result: result(3),
        unknown: {}
      }])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("keeps what it does not know of a result, on the way to the next plugin and in the cache", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(network(["a", "b"]), c1)
      const [, second] = yield* PluginInvocations.use(({ all }) => all)
      assert(second !== undefined)
      assert.include(second.stdin, `"vendor":{"id":9007199254740993}`)
      const [record] = yield* AttachmentCache.use((cache) => cache.list())
      assert.deepStrictEqual(record?.result["vendor"], { id: 9007199254740993n })
    }).pipe(Effect.provide(MemoryCni.layer({
      a: { ADD: { vendor: { id: 9007199254740993n } } },
      b: MemoryCni.passThrough
    }))))

  it.effect("undoes what it started, backward and past failures, and fails with the first error", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert(error._tag === "PluginError")
      assert.deepStrictEqual([error.plugin, error.code, error.msg, error.command], ["c", 100, "full", "ADD"])
      assert.deepStrictEqual(yield* prevResults, [
        ["a ADD", undefined],
        ["b ADD", result(1)],
        ["c ADD", result(2)],
        ["c DEL", result(2)],
        ["b DEL", result(2)],
        ["a DEL", result(2)]
      ])
      assert.isFalse(yield* recorded)
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, c: { ADD: no("full") } }))))

  it.effect("takes no result with a number that does not fit into its field, and undoes what was done", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert(error._tag === "PluginOutputInvalid")
      assert.deepStrictEqual([error.plugin, error.at], ["b", "interfaces[0].mtu"])
      assert.deepStrictEqual(
        yield* prevResults,
        [["a ADD", undefined], ["b ADD", result(1)], ["b DEL", result(1)], ["a DEL", result(1)]]
      )
      assert.isFalse(yield* recorded)
    }).pipe(Effect.provide(MemoryCni.layer({
      ...plugins,
      b: { ADD: { interfaces: [{ name: "eth0", mtu: 2n ** 63n }] } }
    }))))

  it.effect("undoes without a prevResult when the first plugin failed, and never runs the others", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert.deepStrictEqual(yield* prevResults, [["a ADD", undefined], ["a DEL", undefined]])
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, a: { ADD: no("full") } }))))

  it.effect("undoes without a prevResult below 0.4.0, which had none", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Cni.addNetworkList(network(["a", "b"], { cniVersion: "0.3.1" }), c1))
      assert.deepStrictEqual((yield* prevResults).slice(2), [["b DEL", undefined], ["a DEL", undefined]])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: { cniVersion: "0.3.1" } }, b: { ADD: no("full") } }))))

  it.effect("says all of it when the undo fails too", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert(error._tag === "RollbackFailed")
      assert.strictEqual(error.cause?._tag, "PluginError")
      assert.deepStrictEqual(error.failures.map((failure) => "plugin" in failure && failure.plugin), ["c", "a"])
      assert.include(error.message, "Run DEL again")
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(3), [
        "c DEL",
        "c DEL",
        "b DEL",
        "a DEL",
        "a DEL"
      ])
    }).pipe(Effect.provide(MemoryCni.layer({
      a: { ADD: result(1), DEL: no("busy") },
      b: { ADD: result(2) },
      c: { ADD: no("full"), DEL: no("busy too") }
    }))))

  it.effect("resolves every plugin before it runs any", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(network(["a", "b", "missing"]), c1))
      assert(error._tag === "PluginNotFound")
      assert.strictEqual(error.plugin, "missing")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect.each(["a", "b", "c"])(
    "undoes what it started when interrupted in the middle of %s",
    (hanging) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Cni.addNetworkList(three, c1), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        const types = ["a", "b", "c"]
        const started = types.slice(0, types.indexOf(hanging) + 1)
        assert.deepStrictEqual(yield* MemoryCni.invocations, [
          ...started.map((type) => `${type} ADD`),
          ...started.toReversed().map((type) => `${type} DEL`)
        ])
        assert.isFalse(yield* recorded)
      }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, [hanging]: { ADD: MemoryCni.hang } })))
  )

  it.effect("stays an interruption when the undo fails, and says so beside it", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Cni.addNetworkList(network(["a"]), c1), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert(Exit.isFailure(exit))
      assert.isTrue(Cause.hasInterrupts(exit.cause))
      const failed = Option.getOrThrow(Cause.findErrorOption(exit.cause))
      assert(failed._tag === "RollbackFailed")
      assert.strictEqual(failed.cause, undefined)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: MemoryCni.hang, DEL: no("busy") } }))))

  it.effect("undoes after a time limit", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.flip(Cni.addNetworkList(three, c1)), { startImmediately: true })
      yield* TestClock.adjust("2 minutes")
      const error = yield* Fiber.join(fiber)
      assert(error._tag === "PluginTimeout")
      assert.deepStrictEqual([error.plugin, error.limitMs], ["b", 120_000])
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD", "b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: MemoryCni.hang } }))))

  it.effect.each([0, 1, -1])(
    "has as much time for the undo when the clock is set by %i h",
    (hours) =>
      Effect.gen(function*() {
        const set = yield* settableClock
        const fiber = yield* Effect.flip(Cni.addNetworkList(network(["a"]), c1)).pipe(
          Effect.provideService(Tunables.TryAgainRetry, Schedule.spaced("1 second")),
          Effect.provideService(Clock.Clock, set.clock),
          Effect.forkChild({ startImmediately: true })
        )
        yield* TestClock.adjust("10 seconds")
        set.by(hours * 60 * 60 * 1000)
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "RollbackFailed")
        const asked = (yield* MemoryCni.invocations).filter((run) => run === "a DEL")
        assert.strictEqual(asked.length, 62)
      }).pipe(Effect.provide(MemoryCni.layer({
        a: { ADD: no("full"), DEL: MemoryCni.fail({ code: 11, msg: "later" }) }
      })))
  )

  it.effect("asks every plugin within the time that the undo has, even when they all hang", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.flip(Cni.addNetworkList(three, c1)), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      assert(error._tag === "RollbackFailed")
      assert.deepStrictEqual(error.failures.map((failure) => failure._tag), [
        "PluginTimeout",
        "PluginTimeout",
        "PluginTimeout"
      ])
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(3), ["c DEL", "b DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({
      a: { ADD: result(1), DEL: MemoryCni.hang },
      b: { ADD: result(2), DEL: MemoryCni.hang },
      c: { ADD: no("full"), DEL: MemoryCni.hang }
    }))))

  it.effect("counts a record that cannot be stored as a failed ADD", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert(error._tag === "CacheIoError")
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(3), ["c DEL", "b DEL", "a DEL"])
    }).pipe(
      Effect.provide(withFailingCache({ put: "ENOSPC" }, MemoryCni.layer(plugins)))
    ))

  it.effect("has nothing to undo of a plugin that was never started", () =>
    Effect.gen(function*() {
      const exec = yield* PluginExec
      const refusing = PluginExec.of({
        ...exec,
        run: (invocation) => invocation.plugin === "b" ? Effect.fail(notStarted(invocation)) : exec.run(invocation)
      })
      const error = yield* Effect.flip(withService(Cni.addNetworkList(three, c1), PluginExec, refusing))
      assert.strictEqual(error._tag, "PluginSpawnFailed")
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("goes on past a defect while undoing, and keeps it beside the first error", () =>
    Effect.gen(function*() {
      const exec = yield* PluginExec
      const dying = PluginExec.of({
        ...exec,
        run: (invocation) =>
          invocation.plugin === "b" && invocation.command === "DEL" ? Effect.die("a bug") : exec.run(invocation)
      })
      const exit = yield* Effect.exit(withService(Cni.addNetworkList(three, c1), PluginExec, dying))
      assert(Exit.isFailure(exit))
      assert.isTrue(Cause.hasDies(exit.cause))
      assert.strictEqual(Option.getOrThrow(Cause.findErrorOption(exit.cause))._tag, "PluginError")
      assert.deepStrictEqual((yield* MemoryCni.invocations).slice(3), ["c DEL", "a DEL"])
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, c: { ADD: no("full") } }))))

  it.effect("stores a result that is as deep as a result may be, for CHECK to read", () =>
    Effect.gen(function*() {
      const deep = network(["deep"])
      yield* Cni.addNetworkList(deep, c1)
      yield* Cni.checkNetworkList(deep, c1)
    }).pipe(Effect.provide(MemoryCni.layer({
      deep: { ADD: new MemoryCni.Reply({ stdout: `{"x":${"[".repeat(499)}${"]".repeat(499)}}` }) }
    }))))

  it.effect("undoes after a defect in what it uses, which stays a defect", () =>
    Effect.gen(function*() {
      const broken = PluginExec.of({ dialect: "libcni", run: () => Effect.die("a bug in an executor") })
      const exit = yield* Effect.exit(withService(Cni.addNetworkList(network(["a"]), c1), PluginExec, broken))
      assert(Exit.isFailure(exit))
      assert.isTrue(Cause.hasDies(exit.cause))
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("does not run when its file belongs to another attachment", () =>
    Effect.gen(function*() {
      const conf = { ...c1, containerId: "b-c" }
      const error = yield* Effect.flip(Cni.addNetworkList(network(["a"], { name: "a" }), conf))
      assert(error._tag === "CacheKeyCollision")
      assert.deepStrictEqual(error.owner, { network: "a-b", containerId: "c", ifName: "eth0" })
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins, {
      cache: { "a-b-c-eth0": `{"kind":"cniCacheV1","networkName":"a-b","containerId":"c","ifName":"eth0","config":""}` }
    }))))

  it.effect("does not run when its file cannot be read, and does when it is damaged", () =>
    Effect.gen(function*() {
      const unreadable = Effect.provide(Cni.addNetworkList(three, c1), failingCache({ get: "EACCES" }))
      assert.strictEqual((yield* Effect.flip(unreadable))._tag, "CacheIoError")
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
      yield* Cni.addNetworkList(three, c1)
    }).pipe(Effect.provide(MemoryCni.layer(plugins, { cache: { "net-c1-eth0": "damaged" } }))))

  it.effect.each(
    [
      ["ConfigInvalid", network([], { plugins: undefined }), c1],
      ["InvalidVersion", network(["a"], { cniVersion: "one" }), c1],
      ["InvalidRuntimeConf", { ...three, name: "../net" }, c1],
      ["InvalidRuntimeConf", three, { ...c1, containerId: "" }],
      ["InvalidRuntimeConf", three, { ...c1, ifName: "../../etc/passwd" }],
      ["InvalidRuntimeConf", three, { ...c1, args: [["A", "1;B=2"]] as const }],
      ["InvalidPluginType", network(["a", "../b"]), c1]
    ] as const
  )("fails with %s before anything runs", ([tag, list, conf]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Cni.addNetworkList(list, conf)))._tag, tag)
      assert.deepStrictEqual(yield* MemoryCni.invocations, [])
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))

  it.effect("converts a result for the next plugin, says so, and stores the last as it was answered", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
    return Effect.gen(function*() {
      const added = yield* Cni.addNetworkList(network(["a", "b"]), c1)
      assert.strictEqual(added.cniVersion, "0.4.0")
      assert.deepStrictEqual((yield* prevResults)[1], ["b ADD", result(1)])
      assert.strictEqual(lines.length, 1)
      assert.match(lines[0] ?? "", /^Warn .*answered in version 0.2.0, not 1.0.0; converted it/)
    }).pipe(
      Effect.provide(Layer.merge(
        MemoryCni.layer({
          a: { ADD: { cniVersion: "0.2.0", ip4: { ip: "10.0.0.1/24" } } },
          b: { ADD: { cniVersion: "0.4.0" } }
        }),
        Logger.layer([logger])
      ))
    )
  })

  it.effect("passes a result on as it is where there is no way to convert it", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(network(["a", "b"], { cniVersion: "0.2.0" }), c1)
      assert.deepStrictEqual((yield* prevResults)[1], ["b ADD", { cniVersion: "1.0.0" }])
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: { cniVersion: "1.0.0" } }, b: MemoryCni.passThrough }))))

  it.effect("names the place in a result that cannot be used", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(network(["a"]), c1))
      assert(error._tag === "PluginOutputInvalid")
      assert.strictEqual(error.at, "ips[0]")
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: { ips: [null] } } }))))

  it.effect("leaves the rollback and the guard on its file out under Compat libcni", () =>
    Effect.gen(function*() {
      const compat = Effect.provideService(Tunables.Compat, "libcni")
      yield* Effect.flip(compat(Cni.addNetworkList(network(["a", "b"]), c1)))
      assert.deepStrictEqual(yield* MemoryCni.invocations, ["a ADD", "b ADD"])
      yield* compat(Cni.addNetworkList(network(["a"]), c1)).pipe(Effect.provide(failingCache({ get: "EISDIR" })))
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, b: { ADD: no("full") } }))))

  it.effect("keeps every error whole on its way through JSON", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Cni.addNetworkList(three, c1))
      assert(error._tag === "RollbackFailed")
      const codec = Schema.fromJsonString(Schema.toCodecJson(CniError.RollbackFailed))
      const text = yield* Schema.encodeEffect(codec)(error)
      const back = yield* Schema.decodeEffect(codec)(text)
      assert.deepStrictEqual(back.message, error.message)
      assert.deepStrictEqual(back.failures, error.failures)
    }).pipe(Effect.provide(MemoryCni.layer({ ...plugins, a: { ADD: no("full"), DEL: no("busy") } }))))

  it.effect("logs what a successful plugin writes to stderr, where it is told to", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => void lines.push([logLevel, message]))
      const add = Effect.provide(Cni.addNetworkList(network(["a"]), c1), Logger.layer([logger]))
      yield* add
      assert.deepStrictEqual(lines, [["Info", ["a word"]]])
      yield* Cni.delNetworkList(network(["a"]), c1)
      lines.length = 0
      yield* Effect.provideService(add, Tunables.PluginStderr, "nowhere")
      assert.strictEqual(lines.length, 0)
    }).pipe(Effect.provide(MemoryCni.layer({ a: { ADD: new MemoryCni.Reply({ stdout: "{}", stderr: "a word\n" }) } }))))

  it.effect("tells plugins where to look for those that they delegate to", () =>
    Effect.gen(function*() {
      yield* Cni.addNetworkList(network(["a"]), c1)
      const [run] = yield* PluginInvocations.use(({ all }) => all)
      assert(run !== undefined)
      assert.strictEqual(run.environment["CNI_PATH"], "/memory/bin")
      assert.strictEqual(run.path, "/memory/bin/a")
      assert.strictEqual(request(run)["name"], "net")
    }).pipe(Effect.provide(MemoryCni.layer(plugins))))
})
