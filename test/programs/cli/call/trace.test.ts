/** What is told of the runs of plugins: the waterfall by itself, and with commands. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { PluginOutcome } from "../../../../src/domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../../../src/domain/plugin/PluginRequest.ts"
import type { PluginRun } from "../../../../src/domain/plugin/PluginRun.ts"
import { waterfall } from "../../../../src/programs/cli/call/pluginTimings.ts"
import { makeWatch, withStatusLine } from "../../../../src/programs/cli/call/progress.ts"
import { styleOf } from "../../../../src/programs/cli/text/text.ts"
import { monotonicMillis } from "../../../../src/services/time/monotonicMillis.ts"
import * as MemoryCommandOutput from "../../../support/MemoryCommandOutput.ts"
import { settableClock } from "../../../support/settableClock.ts"
import { lastLine, outcome, type World } from "../support.ts"

const plain = (columns: number) => styleOf({ isTerminal: true, hasColours: false, columns })

const runOf = (run: Partial<PluginRun>): PluginRun => ({
  plugin: "bridge",
  command: "ADD",
  network: "mynet",
  containerId: "blue",
  startMs: 0,
  lengthMs: 10,
  ok: true,
  end: "ok",
  stdin: "",
  stdout: "",
  stderr: "",
  ...run
})

const chain = [
  runOf({ startMs: 100, lengthMs: 60, stdin: `{"name":"mynet"}`, stdout: `{\n  "ips": []\n}\n` }),
  runOf({ plugin: "portmap", startMs: 160, lengthMs: 20, ok: false, end: "code 11: try later" })
]

describe("the waterfall", () => {
  it("draws each run where it was in time", () => {
    assert.deepStrictEqual(waterfall(chain, plain(80), false), [
      "trace: 2 runs of plugins in 80 ms",
      "  bridge ADD   ██████████████····      0 ms    +60 ms  ok",
      "  portmap ADD  ··············████     60 ms    +20 ms  code 11: try later"
    ])
  })

  it("fits the terminal", () => {
    const long = runOf({ plugin: "x".repeat(60), end: "y".repeat(300) })
    for (const width of [60, 80, 200]) {
      for (const line of waterfall([long, ...chain], plain(width), false)) {
        assert.isAtMost(line.length, width)
      }
    }
  })

  it("shows what went in and out, where it is asked for, and nothing that a terminal would obey", () => {
    const sly = runOf({ stdout: "\u001b[2J", end: "ok" })
    const lines = waterfall([...chain, sly], plain(80), true)
    assert.deepStrictEqual(lines.slice(4, 12), [
      "",
      "bridge ADD on mynet",
      "  stdin",
      `    {"name":"mynet"}`,
      "  stdout",
      "    {",
      `      "ips": []`,
      "    }"
    ])
    assert.notInclude(lines.join("\n"), "\u001b")
  })

  it("says where there is nothing to draw", () => {
    assert.deepStrictEqual(waterfall([], plain(80), false), ["trace: no plugin was run"])
  })
})

const world: World = {
  plugins: {
    bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } },
    portmap: { ADD: MemoryCni.fail({ code: 11, msg: "later" }) }
  },
  networks: { "1.conflist": `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}` }
}

describe("--trace", () => {
  it.effect("shows a failed chain with its undo, before libcni's words", () =>
    Effect.gen(function*() {
      const { stderr } = yield* outcome(world, "add", "mynet", "/run/netns/blue", "--trace")
      assert.match(
        stderr,
        /^trace: 4 runs[^]*bridge ADD .* ok\n +portmap ADD .* code 11: later\n +portmap DEL .* ok\n +bridge DEL .* ok\n\nerror: /
      )
      assert.strictEqual(lastLine(stderr), `plugin type="portmap" failed (add): later`)
    }))

  it.effect("is part of the envelope, with texts only where they are asked for", () =>
    Effect.gen(function*() {
      const short = yield* outcome(world, "add", "mynet", "/run/netns/blue", "--trace", "--json")
      assert.match(short.stdout, /"trace":\[\{"command":"ADD","containerId":"cnitool-[^]*"end":"code 11: later"/)
      assert.notInclude(short.stdout, `"stdin"`)
      assert.strictEqual(short.stderr, "")
      const long = yield* outcome(world, "add", "mynet", "/run/netns/blue", "--trace-io", "--json")
      assert.include(long.stdout, `"stdin":"{`)
    }))

  it.effect("is nowhere where it was not asked for", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* outcome(world, "add", "mynet", "/run/netns/blue", "--json")
      assert.notInclude(stdout + stderr, "trace")
    }))
})

const invocation: PluginInvocation = {
  plugin: "bridge",
  path: "/opt/cni/bin/bridge",
  command: "ADD",
  network: "mynet",
  containerId: "blue",
  ifName: "eth0",
  environment: {},
  stdin: "",
  timeLimitMs: 60_000
}

const outcomeOfAll: PluginOutcome = {
  exit: { _tag: "Exited", status: 0 },
  stdout: new Uint8Array(),
  stderr: "",
  durationMs: 0
}

describe("the watch", () => {
  it.effect("measures by no clock that can be set", () =>
    Effect.gen(function*() {
      const { by, clock } = yield* settableClock
      const { runs, waiting } = yield* Effect.provideService(
        Effect.gen(function*() {
          const watch = yield* makeWatch
          const setBack = Effect.sync(() => by(-3_600_000))
          yield* watch.observer.watched(invocation, Effect.as(setBack, outcomeOfAll))
          return { runs: yield* watch.runs, waiting: yield* watch.waiting }
        }),
        Clock.Clock,
        clock
      )
      assert.deepStrictEqual(runs.map(({ lengthMs, startMs }) => [startMs, lengthMs]), [[0, 0]])
      assert.strictEqual(waiting?.since, yield* monotonicMillis)
    }))
})

describe("progress", () => {
  /** What is written to stderr while a plugin takes some time, with or without the terminal. */
  const written = (isTerminal: boolean, hasTerminal: boolean, ms: number) =>
    Effect.gen(function*() {
      const watch = yield* makeWatch
      const run = watch.observer.watched(invocation, Effect.as(Effect.sleep(ms), outcomeOfAll))
      const working = withStatusLine(watch, hasTerminal ? watch.withTerminal(run) : run)
      const fiber = yield* Effect.forkChild(working, { startImmediately: true })
      yield* TestClock.adjust(ms)
      yield* Fiber.join(fiber)
      return yield* (yield* MemoryCommandOutput.Written).stderr
    }).pipe(Effect.provide(MemoryCommandOutput.layer({ isTerminal, hasColours: false, columns: 80 })))

  it.effect("says on a terminal what takes longer than a second, and leaves nothing of it there", () =>
    Effect.gen(function*() {
      const stderr = yield* written(true, false, 2100)
      const frames = ["|", "/", "-", "\\", "|"].map((turn, at) => `\r${turn} bridge ADD: ${at < 4 ? 1 : 2} s\r`)
      assert.strictEqual(stderr, `${frames.join("")}\r${" ".repeat(17)}\r`)
    }))

  it.effect("says nothing of what is done sooner, where there is no terminal, and while the command has the terminal for itself", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* written(true, false, 900), "")
      assert.strictEqual(yield* written(false, false, 3000), "")
      assert.strictEqual(yield* written(true, true, 3000), "")
    }))
})
