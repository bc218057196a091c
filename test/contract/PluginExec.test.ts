import { assert, it } from "@effect/vitest"
import { PluginExec } from "effect-cni"
import { NodePluginExec, PosixSpawnPluginExec } from "effect-cni/node"
import { ScriptedPluginExec } from "effect-cni/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as ObservedPluginExec from "../../src/layers/exec/ObservedPluginExec.ts"
import { PluginObserver } from "../../src/services/plugin/PluginObserver.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import { invocation } from "../support/invocation.ts"
import { settableClock } from "../support/settableClock.ts"
import { type Behaviour, contract, type World } from "./PluginExec.contract.ts"

contract("scripted, in memory", (behaviour) =>
  Effect.succeed({
    path: "/memory/bin/a",
    layer: ScriptedPluginExec.layer({ a: () => behaviour.hangs === true ? ScriptedPluginExec.hang : reply(behaviour) })
  }))

const reply = ({ signal, status, stderr, stdout }: Behaviour) =>
  new ScriptedPluginExec.Reply({
    stdout: stdout ?? "",
    stderr: stderr ?? "",
    exit: signal === undefined ? { _tag: "Exited", status: status ?? 0 } : { _tag: "Signalled", signal }
  })

const processes = (layer: Layer.Layer<PluginExec>): World => (behaviour) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const stdout = writeFile(directory, "stdout", behaviour.stdout ?? "")
    const stderr = writeFile(directory, "stderr", behaviour.stderr ?? "")
    const end = behaviour.signal === undefined
      ? `exit ${behaviour.status ?? 0}`
      : `kill -${behaviour.signal.slice(3)} $$`
    const path = writePlugin(
      directory,
      "a",
      `${behaviour.hangs === true ? "exec sleep 1000" : ""}
       cat ${stdout}
       cat ${stderr} >&2
       ${end}`
    )
    return { path, layer }
  })

contract("Node, real processes", processes(NodePluginExec.layer))
contract("posix_spawn, real processes", processes(Layer.orDie(PosixSpawnPluginExec.layer)))
contract(
  "observed",
  processes(Layer.provide(ObservedPluginExec.layer, [
    NodePluginExec.layer,
    Layer.succeed(PluginObserver, { watched: (_, run) => run })
  ]))
)

it.effect.each([1, -1])(
  "ScriptedPluginExec says how long a run took, when the clock is set by %i h",
  (hours) =>
    Effect.gen(function*() {
      const set = yield* settableClock
      const running = yield* PluginExec.use((exec) => exec.run(invocation({}))).pipe(
        Effect.provide(ScriptedPluginExec.layer({ a: { ADD: new ScriptedPluginExec.Reply({ delay: "2 seconds" }) } })),
        Effect.provideService(Clock.Clock, set.clock),
        Effect.forkChild({ startImmediately: true })
      )
      set.by(hours * 60 * 60 * 1000)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(running)).durationMs, 2000)
    })
)
