import type { PluginExec } from "effect-cni"
import { NodePluginExec, PosixSpawnPluginExec } from "effect-cni/node"
import { ScriptedPluginExec } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ObservedPluginExec from "../../src/layers/ObservedPluginExec.ts"
import { PluginObserver } from "../../src/services/PluginObserver.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
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
